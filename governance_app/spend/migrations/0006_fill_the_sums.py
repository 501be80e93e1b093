"""Fill the facets and sums of a ledger that had none: pages, rollups and balances read them."""

from django.db import migrations

_FACET = (
    "provider, issuer, billing_account, billing_account_name, account, account_name,"
    " service_category, service_subcategory, service, resource_type, region, charge_category,"
    " charge_class, pricing_category, commitment, commitment_status, consumed_unit,"
    " model_developer, model, token_direction, token_cache"
)

FACETS = f"""
INSERT INTO spend_spendfacet (id, {_FACET})
SELECT DISTINCT ON (facet_id) facet_id, {_FACET} FROM spend_spendkey ORDER BY facet_id
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608

SUMS = """
INSERT INTO spend_spendallotment (load_id, facet_id, billing_month, charge_month, currency,
    initiative_id, rule_version_id, billed, effective, contracted, list, consumed, gross_billed,
    gross_effective, contracted_gaps, list_gaps, lines, first_lines, parts)
SELECT m.load_id, k.facet_id, m.billing_month, m.charge_month, m.currency, s.initiative_id,
    s.rule_version_id, sum(m.billed), sum(m.effective), coalesce(sum(m.contracted), 0),
    coalesce(sum(m.list), 0), coalesce(sum(m.consumed), 0), sum(abs(m.billed)),
    sum(abs(m.effective)), count(*) FILTER (WHERE m.contracted IS NULL),
    count(*) FILTER (WHERE m.list IS NULL), sum(m.lines), sum(m.lines), count(*)
FROM spend_spendkeymonth m JOIN spend_spendkey k ON k.id = m.key_id
LEFT JOIN spend_keyshare s ON s.key_id = m.key_id
 AND m.charge_month >= s.from_month AND m.charge_month < s.until_month
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


class Migration(migrations.Migration):
    dependencies = [("spend", "0005_deliveries_that_add_up")]

    operations = [
        migrations.RunSQL(FACETS, migrations.RunSQL.noop),
        migrations.RunSQL(SUMS, migrations.RunSQL.noop),
    ]
