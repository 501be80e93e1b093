"""The tables of the ledger joined: what each load holds, and who bears it."""

#: Key-months with who bears them; of a split one each part by itself.
BORNE = """
FROM spend_spendkeymonth w
LEFT JOIN spend_splitpart p ON p.load_id = w.load_id AND p.key_id = w.key_id
 AND p.invoice = w.invoice AND p.billing_month = w.billing_month
 AND p.charge_month = w.charge_month AND p.currency = w.currency
LEFT JOIN spend_keyshare s ON p.id IS NULL AND s.key_id = w.key_id
 AND w.charge_month >= s.from_month AND w.charge_month < s.until_month
CROSS JOIN LATERAL (SELECT coalesce(p.billed, w.billed) AS billed,
    coalesce(p.effective, w.effective) AS effective, w.billing_month, w.charge_month, w.currency,
    w.invoice, coalesce(p.initiative_id, s.initiative_id) AS initiative_id) AS m
JOIN spend_load l ON l.id = w.load_id
JOIN spend_source f ON f.id = l.source_id
JOIN people_scopenode fn ON fn.id = f.node_id
JOIN spend_spendkey k ON k.id = w.key_id
LEFT JOIN initiatives_initiative i ON i.id = m.initiative_id
LEFT JOIN people_scopenode n ON n.id = i.node_id
LEFT JOIN people_scopenode u ON u.id = i.unit_id
"""

#: The same as sums over facets, which pages can afford; they know neither tags nor invoices.
SUMMED = """
FROM spend_spendallotment m
JOIN spend_load l ON l.id = m.load_id
JOIN spend_source f ON f.id = l.source_id
JOIN people_scopenode fn ON fn.id = f.node_id
JOIN spend_spendfacet k ON k.id = m.facet_id
LEFT JOIN initiatives_initiative i ON i.id = m.initiative_id
LEFT JOIN people_scopenode n ON n.id = i.node_id
LEFT JOIN people_scopenode u ON u.id = i.unit_id
"""
