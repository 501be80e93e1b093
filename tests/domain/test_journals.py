"""Journals balance whatever the costs are, and both sides of a recharge agree."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from governance_app.books.settings_known import KNOWN
from governance_app.domain import journals
from governance_app.domain.journals import Cost, Place, Terms

ACCOUNTS = KNOWN["close_accounts"].default
AMOUNTS = st.decimals(
    min_value=Decimal("-1000000"), max_value=Decimal("1000000"), places=18, allow_nan=False
)
RATIOS = st.decimals(min_value=0, max_value=1, places=4, allow_nan=False)


@st.composite
def costs(draw):
    effective = draw(AMOUNTS)
    return Cost(
        payer=draw(st.sampled_from(["1000", "2000"])),
        entity=draw(st.sampled_from(["1000", "2000"])),
        place=Place(draw(st.sampled_from(["6100", "6200"])), draw(st.sampled_from(["", "0042"]))),
        currency=draw(st.sampled_from(["USD", "EUR", "JPY"])),
        billed=draw(AMOUNTS),
        effective=effective,
        recoverable=draw(st.sampled_from([Decimal(0), effective])),
    )


def is_balanced(entries):
    debit, credit = journals.sides(list(entries.values()))
    return debit == credit and all(entries.values())


@given(st.lists(costs(), max_size=12), RATIOS, RATIOS, RATIOS)
def test_every_journal_balances_per_entity_and_currency(lines, mark_up, tax, recoverable):
    terms = Terms("A-7", mark_up, "V1", tax, recoverable)
    both = {("1000", "2000"): terms, ("2000", "1000"): terms}
    for made in (
        journals.allocation(lines, ACCOUNTS),
        journals.accruals(lines, ACCOUNTS),
        journals.recharges(lines, ACCOUNTS, both),
    ):
        for entries in made.values():
            assert is_balanced(entries)


@given(st.lists(costs(), max_size=12))
def test_the_clearing_account_takes_what_was_billed(lines):
    made = journals.allocation(lines, ACCOUNTS)
    for payer in ("1000", "2000"):
        billed = sum(
            (one.billed for one in lines if (one.payer, one.currency) == (payer, "USD")), Decimal(0)
        )
        entries = made.get((payer, "USD"), {})
        cleared = sum(
            (a for place, a in entries.items() if place.account == ACCOUNTS["clearing"]), Decimal(0)
        )
        assert -cleared == journals.to_minor_units({"x": billed}, currency="USD")["x"]


@given(st.lists(costs(), max_size=12), RATIOS, RATIOS, RATIOS)
def test_what_one_entity_is_owed_the_other_owes(lines, mark_up, tax, recoverable):
    terms = Terms("A-7", mark_up, "V1", tax, recoverable)
    made = journals.recharges(lines, ACCOUNTS, {("1000", "2000"): terms, ("2000", "1000"): terms})

    def booked(account, book, partner):
        return sum(
            (
                amount
                for place, amount in made.get(book, {}).items()
                if (place.account, place.partner) == (ACCOUNTS[account], partner)
            ),
            Decimal(0),
        )

    for payer, bearer in (("1000", "2000"), ("2000", "1000")):
        owed = booked("intercompany_receivable", (payer, "EUR"), bearer)
        assert owed == -booked("intercompany_payable", (bearer, "EUR"), payer)


@given(st.lists(costs(), max_size=12))
def test_what_is_posted_is_not_booked_again(lines):
    for entries in journals.allocation(lines, ACCOUNTS).values():
        assert journals.less(entries, [entries]) == {}
        assert journals.less(entries, []) == dict(sorted(entries.items()))
