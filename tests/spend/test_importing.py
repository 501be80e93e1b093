"""A bill becomes ledger: whole or not at all, versioned, idempotent, exact."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from governance_app.spend import services
from governance_app.spend.models import (
    AllocationBalance,
    CurrentLoad,
    Delivery,
    Load,
    SpendKey,
    SpendKeyMonth,
)
from governance_app.spend.services import BillRefused, Manifest
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db

OCTOBER = dt.date(2026, 10, 1)
HOUR = dt.timedelta(hours=1)


def held() -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, billed in SpendKeyMonth.objects.values_list("currency", "billed"):
        sums[currency] = sums.get(currency, Decimal(0)) + billed
    return sums


def test_a_messy_bill_is_in_the_ledger_to_the_last_digit(load):
    lines = focus.messy_lines(400, seed=11)
    imported = load(focus.as_csv(lines, extra=["x_Team"]))
    assert imported.billed == focus.billed(lines)
    assert held() == focus.billed(lines)
    assert imported.report.rows == 400
    assert imported.report.unknown_columns == ["x_Team"]
    assert sum(SpendKeyMonth.objects.values_list("lines", flat=True)) == 400


def test_each_account_and_month_is_a_load_of_its_own(load):
    imported = load(focus.as_csv(focus.messy_lines(60, seed=4)))
    assert [(one.scope, one.period, one.outcome, one.number) for one in imported.loads] == [
        ("000000000001", OCTOBER, "current", 1),
        ("000123456789", OCTOBER, "current", 1),
    ]
    assert Delivery.objects.count() == 1


def test_the_same_bill_again_changes_nothing(load, ledger_count):
    content = focus.as_csv(focus.messy_lines(60, seed=4))
    first = load(content)
    before = ledger_count()
    again = load(content, now=NOW + HOUR)
    assert {one.outcome for one in again.loads} == {"unchanged"}
    assert again.as_json() == first.as_json()
    assert ledger_count() == before
    assert Load.objects.count() == 2


def test_a_restatement_replaces_the_month_and_keeps_the_old_version(load):
    load(focus.as_csv([focus.line(BilledCost="5"), focus.line(ResourceId="gone")]))
    load(focus.as_csv([focus.line(BilledCost="7")]), now=NOW + HOUR)
    assert held() == {"USD": Decimal(7)}
    states = Load.objects.order_by("number").values_list("number", "state", "rows")
    assert list(states) == [(1, "superseded", 2), (2, "current", 1)]
    assert CurrentLoad.objects.get().load.number == 2


def test_a_then_b_then_a_is_three_loads(load):
    a, b = focus.as_csv([focus.line(BilledCost="1")]), focus.as_csv([focus.line(BilledCost="2")])
    for hours, content in enumerate((a, b, a)):
        load(content, now=NOW + hours * HOUR)
    assert CurrentLoad.objects.get().load.number == 3
    assert held() == {"USD": Decimal(1)}


def test_an_older_delivery_that_arrives_late_is_kept_and_not_applied(load):
    load(focus.as_csv([focus.line(BilledCost="7")]), manifest=Manifest("b", NOW, scope="x"))
    late = load(
        focus.as_csv([focus.line(BilledCost="5")]), manifest=Manifest("a", NOW - HOUR, scope="x")
    )
    assert [one.outcome for one in late.loads] == ["superseded"]
    assert held() == {"USD": Decimal(7)}


def test_a_scope_that_no_longer_has_a_month_loses_it(load):
    september = focus.line(
        BillingPeriodStart="2026-09-01", BillingPeriodEnd="2026-10-01", BilledCost="3"
    )
    load(focus.as_csv([september, focus.line()]), manifest=Manifest("a", NOW, scope="file"))
    after = load(focus.as_csv([focus.line()]), manifest=Manifest("b", NOW + HOUR, scope="file"))
    assert [(one.period.month, one.outcome, one.rows) for one in after.loads] == [
        (9, "current", 0),
        (10, "current", 1),
    ]
    assert held() == {"USD": Decimal(1)}


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        ({"rows": 3}, "declares 3 lines, 2 were read"),
        ({"billed": {"USD": Decimal("2.01")}}, "declares 2.01 USD billed, the lines sum to 2.00"),
        ({"period": dt.date(2026, 9, 1)}, "the bill of September 2026 but has lines of October"),
    ],
)
def test_control_totals_of_a_manifest_are_held(load, ledger_count, manifest, sentence):
    before = ledger_count()
    with pytest.raises(BillRefused, match=sentence):
        load(
            focus.as_csv([focus.line(), focus.line(ResourceId="b")]),
            manifest=Manifest("a", NOW, scope="x", **manifest),
        )
    assert (Load.objects.count(), SpendKey.objects.count(), held()) == (0, 0, {})
    assert ledger_count() == before + 1  # the file itself is kept


def test_control_totals_that_hold_are_kept_with_the_load(load):
    load(
        focus.as_csv([focus.line(), focus.line(ResourceId="b")]),
        manifest=Manifest("a", NOW, "x", OCTOBER, rows=2, billed={"USD": Decimal(2)}),
    )
    kept = Load.objects.get()
    assert (kept.declared_rows, kept.totals.get().declared_billed) == (2, Decimal(2))


def test_a_strict_source_applies_nothing_of_a_file_with_a_bad_line(load, ledger_count):
    before = ledger_count()
    with pytest.raises(BillRefused) as refused:
        load(focus.as_csv([focus.line(), focus.line(BilledCost="abc")]))
    assert str(refused.value) == (
        'bill.csv: 1 of 2 lines cannot be counted. Row 3, BilledCost "abc" is not a number.'
    )
    assert (refused.value.row, refused.value.column, refused.value.value) == (
        3,
        "BilledCost",
        "abc",
    )
    assert (Load.objects.count(), held()) == (0, {})
    assert ledger_count() == before + 1


def test_a_lenient_source_applies_the_rest_and_keeps_what_it_refused(load, source, finance):
    services.change_source(source=source, is_strict=False, by=finance)
    source.refresh_from_db()
    imported = load(focus.as_csv([focus.line(), focus.line(BilledCost="abc", SkuId="S9")]))
    assert held() == {"USD": Decimal(1)}
    delivery = Delivery.objects.get(pk=imported.delivery_id)
    assert (delivery.rows, delivery.refused_rows) == (2, 1)
    from governance_app.files.selectors import open_file

    with open_file(file=delivery.refused) as kept:
        text = kept.read().decode()
    assert text.splitlines()[0].startswith("row,reason,")
    assert "3,BilledCost is not a number," in text
    assert "abc" in text
    assert "S9" in text


def test_a_dry_run_says_what_would_be_and_changes_nothing(load, ledger_count):
    content = focus.as_csv(focus.messy_lines(40, seed=8))
    before = ledger_count()
    tried = load(content, dry_run=True)
    assert held() == {}
    assert Load.objects.count() == 0
    assert ledger_count() == before + 1
    assert load(content).as_json() == tried.as_json()


def test_a_closed_month_parks_the_bill(load, finance):
    from governance_app.books.models import AccountingMonth

    AccountingMonth.objects.create(month=OCTOBER, state="closed", closed_at=NOW, closed_by=finance)
    imported = load(focus.as_csv([focus.line()]))
    assert [one.outcome for one in imported.loads] == ["parked"]
    assert not SpendKeyMonth.objects.filter(billing_month=OCTOBER).exists()
    assert SpendKeyMonth.objects.get().billing_month == dt.date(2026, 11, 1)
    assert imported.as_json()["unallocated"] == {}
    again = load(focus.as_csv([focus.line()]), now=NOW + HOUR)
    assert [one.outcome for one in again.loads] == ["parked"]
    assert held() == {"USD": Decimal(1)}


def test_an_empty_bill_is_no_load_by_account(load):
    imported = load(focus.as_csv([]))
    assert imported.loads == ()
    assert imported.report.remarks == ["The bill has a header and no lines."]


def test_who_may_not_load_is_refused_and_nothing_happens(load, person, ledger_count):
    stranger = person("executive")
    before = ledger_count()
    with pytest.raises(Refused, match="load bills"):
        load(focus.as_csv([focus.line()]), by=stranger)
    assert ledger_count() == before + 1
    assert Load.objects.count() == 0


def test_the_invariant_is_stored_for_every_cost_basis(load):
    load(focus.as_csv(focus.messy_lines(80, seed=2)))
    balances = AllocationBalance.objects.all()
    assert {one.basis for one in balances} == {"billed", "effective", "contracted", "list"}
    assert {one.currency for one in balances} == {"USD", "EUR"}
    for one in balances:
        assert one.allocated + one.unallocated == one.source_total


def test_keys_are_shared_between_months(load):
    load(focus.as_csv([focus.line()]))
    load(
        focus.as_csv(
            [
                focus.line(
                    BillingPeriodStart="2026-09-01", BillingPeriodEnd="2026-10-01",
                    ChargePeriodStart="2026-09-02", ChargePeriodEnd="2026-09-03",
                )
            ]
        )
    )  # fmt: skip
    assert (SpendKey.objects.count(), SpendKeyMonth.objects.count()) == (1, 2)


def test_a_digest_that_meets_another_key_stops_the_load(load):
    from governance_app.spend.ledger import KeysDiffer

    load(focus.as_csv([focus.line()]))
    SpendKey.objects.update(service="Something else")
    with pytest.raises(KeysDiffer):
        load(focus.as_csv([focus.line(), focus.line(BilledCost="2")]), now=NOW + HOUR)


def test_two_sources_with_one_account_do_not_meet(load, finance):
    other = services.add_source(name="Other bills", by=finance)
    load(focus.as_csv([focus.line(BilledCost="1")]))
    load(focus.as_csv([focus.line(BilledCost="2")]), source=other)
    assert held() == {"USD": Decimal(3)}


def test_a_source_needs_a_name_of_its_own(source, finance):
    with pytest.raises(Sentence, match="already a source called cloud BILLS"):
        services.add_source(name="cloud BILLS", by=finance)


def test_the_archive_holds_every_line_and_column(load, finance):
    import polars as pl

    from governance_app.files.selectors import local_path

    lines = focus.messy_lines(120, seed=6)
    imported = load(focus.as_csv(lines, extra=["x_Team", "Id"]))
    made = services.archive(delivery_id=imported.delivery_id, by=finance)
    kept = pl.concat([pl.read_parquet(local_path(file=one.file)) for one in made])
    assert kept.height == 120
    sums = kept.group_by("BillingCurrency").agg(pl.sum("BilledCost"))
    assert dict(sums.iter_rows()) == focus.billed(lines)
    assert set(kept["x_Team"]) == {"läb"}
    assert kept["ChargeDescription"][0] == lines[0]["ChargeDescription"]
    assert kept.schema["BilledCost"] == pl.Decimal(38, 18)
    ids = {bytes(one) for one in kept["x_SpendKey"]}
    assert ids == {key.bytes for key in SpendKey.objects.values_list("pk", flat=True)}
    assert services.archive(delivery_id=imported.delivery_id, by=finance) == []
