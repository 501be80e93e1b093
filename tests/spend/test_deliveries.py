"""Deliveries that restate, that add up, that come out of order, and kept ones read again."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from governance_app.spend import services
from governance_app.spend.models import (
    AllocationBalance,
    CurrentLoad,
    Delivery,
    Load,
    Source,
    SpendKeyMonth,
)
from governance_app.spend.services import BillRefused, Manifest
from tests.factories import focus, native
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db

OCTOBER = dt.date(2026, 10, 1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def adding(organisation, finance) -> Source:
    """A source whose deliveries add up."""
    return services.add_source(
        name="Daily lines", delivery="append", correction="delta", by=finance
    )


def ledger() -> list[tuple]:
    """Give what the ledger says, without which load says it."""
    fields = ("key_id", "invoice", "billing_month", "charge_month", "currency", "billed",
              "effective", "contracted", "list", "consumed", "priced", "lines")  # fmt: skip
    return sorted(SpendKeyMonth.objects.values_list(*fields), key=repr)


def billed() -> Decimal:
    return sum(SpendKeyMonth.objects.values_list("billed", flat=True), Decimal(0))


def test_deliveries_that_add_up_are_summed_and_each_counts_once(load, adding):
    first = focus.as_csv([focus.line(BilledCost="5")])
    second = focus.as_csv([focus.line(BilledCost="7")])
    load(first, source=adding)
    load(second, source=adding, now=NOW + HOUR)
    again = load(first, source=adding, now=NOW + 2 * HOUR)
    assert billed() == 12
    assert [one.outcome for one in again.loads] == ["unchanged"]
    assert CurrentLoad.objects.count() == 2
    assert all(one.scope.startswith("000123456789 +") for one in again.loads)


def test_a_ledger_correction_takes_back_and_states_anew(load, adding):
    load(focus.as_csv([focus.line(BilledCost="5")]), source=adding)
    correction = [
        focus.line(BilledCost="-5", ChargeClass="Correction"),
        focus.line(BilledCost="4.5", ChargeClass="Correction"),
    ]
    load(focus.as_csv(correction), source=adding, now=NOW + HOUR)
    assert billed() == Decimal("4.5")


def test_lines_that_add_up_are_archived_and_balanced(load, adding, finance):
    imported = load(focus.as_csv(focus.messy_lines(60, seed=4)), source=adding)
    made = services.archive(delivery_id=imported.delivery_id, by=finance)
    assert sum(one.rows for one in made) == 60
    for one in AllocationBalance.objects.all():
        assert one.allocated + one.unallocated == one.source_total


def test_replaced_lines_cannot_add_up(organisation, finance, source):
    with pytest.raises(Sentence, match="would count twice"):
        services.add_source(name="Wrong", delivery="append", by=finance)
    with pytest.raises(Sentence, match="would count twice"):
        services.change_source(source=source, delivery="append", by=finance)
    assert Source.objects.count() == 1


def test_how_a_source_delivers_stays_once_it_has_bills(load, source, finance):
    load(focus.as_csv([focus.line()]))
    with pytest.raises(Sentence, match="name a new source"):
        services.change_source(source=source, delivery="append", correction="delta", by=finance)
    source.refresh_from_db()
    assert source.delivery == "overwrite"


def test_a_correction_in_a_later_bill_counts_there_and_names_its_month(load):
    load(focus.as_csv([focus.line(BilledCost="5")]))
    november = focus.line(
        BilledCost="-2", ChargeClass="Correction", InvoiceId="INV-8",
        BillingPeriodStart="2026-11-01T00:00:00Z", BillingPeriodEnd="2026-12-01T00:00:00Z",
    )  # fmt: skip
    load(focus.as_csv([november]), now=NOW + HOUR)
    found = SpendKeyMonth.objects.order_by("billing_month").values_list(
        "billing_month", "charge_month", "billed", "invoice"
    )
    assert list(found) == [
        (OCTOBER, OCTOBER, Decimal(5), "INV-7"),
        (dt.date(2026, 11, 1), OCTOBER, Decimal(-2), "INV-8"),
    ]


def test_an_older_delivery_that_comes_late_is_kept_and_does_not_count(load):
    load(
        focus.as_csv([focus.line(BilledCost="7")]),
        manifest=Manifest("b", NOW, scope="x", period=OCTOBER),
    )
    late = load(
        focus.as_csv([focus.line(BilledCost="5")]),
        manifest=Manifest("a", NOW - HOUR, scope="x", period=OCTOBER),
    )
    assert [one.outcome for one in late.loads] == ["superseded"]
    assert billed() == 7


def test_one_month_of_an_account_cannot_mix_versions(load, ledger_count):
    september = Manifest("a", NOW, scope="one file")
    load(focus.as_csv([focus.line()], version="1.0"), manifest=september)
    before = ledger_count()
    other = Manifest("b", NOW, scope="another file")
    with pytest.raises(BillRefused, match=r"FOCUS 1\.2, but October 2026 of account 000123456789"):
        load(focus.as_csv([focus.line()], version="1.2"), manifest=other)
    assert billed() == 1
    assert Load.objects.count() == 1
    assert ledger_count() == before + 1  # the file that was refused is kept


def test_another_account_may_follow_another_version(load):
    load(focus.as_csv([focus.line()], version="1.0"))
    load(native.as_csv([native.cur_line(bill_PayerAccountId="000000000007")]), now=NOW + HOUR)
    assert billed() == Decimal("2.5")


def test_a_whole_month_may_change_to_a_new_version(load):
    load(focus.as_csv([focus.line(BilledCost="5")], version="1.0"))
    load(focus.as_csv([focus.line(BilledCost="7")], version="1.2"), now=NOW + HOUR)
    assert billed() == 7
    assert Delivery.objects.order_by("-created_at").first().form == "FOCUS 1.2"


def test_a_bill_that_misses_its_invoice_loads_and_says_so(load, organisation):
    from governance_app.spend.models import Invoice

    Invoice.objects.create(
        issuer="Cloudworks", number="INV-7", currency="USD", month=OCTOBER, node=organisation,
        typed_total=Decimal("12.30"),
    )  # fmt: skip
    imported = load(focus.as_csv([focus.line(BilledCost="12.25")]))
    sentence = (
        "Invoice INV-7 of Cloudworks states 12.30 USD, its lines sum to 12.25: 0.05 differs. "
        "Reconcile it under Close."
    )
    assert sentence in imported.report.remarks
    assert sentence in Delivery.objects.get().report["remarks"]
    assert billed() == Decimal("12.25")


def test_a_kept_bill_read_again_is_a_new_version_with_the_same_figures(load, finance):
    imported = load(focus.as_csv(focus.messy_lines(80, seed=9)))
    before = ledger()
    again = services.replay(
        delivery=Delivery.objects.get(pk=imported.delivery_id), by=finance, now=NOW + HOUR
    )
    assert {one.number for one in again.loads} == {2}
    assert ledger() == before
    assert again.billed == imported.billed


def test_an_earlier_bill_read_again_counts_again(load, finance):
    first = load(focus.as_csv([focus.line(BilledCost="5")]))
    load(focus.as_csv([focus.line(BilledCost="7")]), now=NOW + HOUR)
    services.replay(
        delivery=Delivery.objects.get(pk=first.delivery_id), by=finance, now=NOW + 2 * HOUR
    )
    assert billed() == 5
    assert [one.number for one in Load.objects.filter(state="current")] == [3]


def test_a_kept_bill_is_read_as_its_source_reads_files_now(load, source, finance):
    imported = load(
        focus.as_csv([focus.line(ChargePeriodStart="10/11/26", ChargePeriodEnd="10/12/26")])
    )
    services.change_source(source=source, is_day_first=True, by=finance)
    kept = Delivery.objects.get(pk=imported.delivery_id)
    assert SpendKeyMonth.objects.get().charge_month == OCTOBER
    services.replay(delivery=kept, by=finance, now=NOW + HOUR)
    assert SpendKeyMonth.objects.get().charge_month == dt.date(2026, 11, 1)


def test_a_part_read_again_stays_one_part(load, adding, finance):
    first = load(focus.as_csv([focus.line(BilledCost="5")]), source=adding)
    load(focus.as_csv([focus.line(BilledCost="7")]), source=adding, now=NOW + HOUR)
    services.replay(
        delivery=Delivery.objects.get(pk=first.delivery_id), by=finance, now=NOW + 2 * HOUR
    )
    assert billed() == 12


def test_who_may_not_load_may_not_read_again(load, person, ledger_count):
    imported = load(focus.as_csv([focus.line()]))
    stranger = person("executive")
    before = ledger_count()
    with pytest.raises(Refused):
        services.replay(
            delivery=Delivery.objects.get(pk=imported.delivery_id), by=stranger, now=NOW + HOUR
        )
    assert ledger_count() == before


STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5)), min_size=2, max_size=4
).flatmap(lambda made: st.permutations([*enumerate(made)]))


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=STEPS)
def test_any_order_of_loads_and_restatements_ends_in_the_same_ledger(load, finance, order):
    """Deliveries carry the moment they were made; how they arrive makes no difference."""
    from django.db import transaction

    def arrive(steps) -> list[tuple]:
        with transaction.atomic():
            source = services.add_source(name="In some order", by=finance)
            for number, (scope, seed) in steps:
                made = Manifest(
                    f"{number} {scope} {seed}", NOW + number * HOUR, scope=scope, period=OCTOBER
                )
                lines = focus.messy_lines(seed * 3, seed=seed)
                load(focus.as_csv(lines), source=source, manifest=made)
            seen = ledger()
            transaction.set_rollback(True)
        return seen

    assert arrive(order) == arrive(sorted(order))
