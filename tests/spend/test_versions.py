"""What a restatement changed is said per group, exact, from the lines themselves."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from governance_app.domain.errors import Sentence
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.spend import selectors, services
from governance_app.spend.models import Delivery, Load, Source
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def restated(load, finance):
    """Load a month, restate it, and archive both."""
    first = [
        focus.line(BilledCost="5.000000000000000001", ServiceName="Inference"),
        focus.line(BilledCost="2", ServiceName="Storage"),
        focus.line(BilledCost="1", ServiceName="Gone"),
    ]
    second = [
        focus.line(BilledCost="5.000000000000000003", ServiceName="Inference"),
        focus.line(BilledCost="2", ServiceName="Storage"),
        focus.line(BilledCost="40", ServiceName="New"),
    ]
    for hours, lines in enumerate((first, second)):
        imported = load(focus.as_csv(lines), now=NOW + hours * HOUR)
        services.archive(delivery_id=imported.delivery_id, by=finance)
    return Load.objects.order_by("number")


def test_two_versions_are_compared_to_the_last_digit(restated, finance):
    before, after = restated
    found = selectors.compare_loads(viewer=finance, before_id=before.pk, after_id=after.pk)
    assert [(one.label, one.billed, one.lines) for one in found.changed] == [
        ("New", Decimal(40), 1),
        ("Gone", Decimal(-1), -1),
        ("Inference", Decimal("0.000000000000000002"), 0),
    ]
    assert found.same == 1
    (total,) = found.totals
    assert total.billed == Decimal("39.000000000000000002")
    assert (total.lines_before, total.lines_after) == (3, 3)


def test_loads_of_different_months_are_not_compared(load, finance):
    load(focus.as_csv([focus.line(), focus.line(BillingAccountId="7")]))
    one, other = Load.objects.all()
    with pytest.raises(Sentence, match="not of one scope and month"):
        selectors.compare_loads(viewer=finance, before_id=one.pk, after_id=other.pk)


def test_lines_still_being_archived_are_waited_for(load, finance):
    for hours, cost in enumerate(("1", "2")):
        load(focus.as_csv([focus.line(BilledCost=cost)]), now=NOW + hours * HOUR)
    before, after = Load.objects.order_by("number")
    with pytest.raises(Sentence, match="still being archived"):
        selectors.compare_loads(viewer=finance, before_id=before.pk, after_id=after.pk)


def test_who_sees_no_money_sees_no_versions(restated, person):
    before, after = restated
    stranger = person("contributor")
    assert selectors.compare_loads(viewer=stranger, before_id=before.pk, after_id=after.pk) is None


def test_the_page_shows_what_changed(client, restated, finance):
    client.force_login(finance)
    _, after = restated
    page = client.get(reverse("spend-load-changes", args=[after.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "3 changed, 1 the same" in text
    assert "0.000000000000000002" in text


def test_the_page_of_an_only_version_says_so(client, load, finance):
    load(focus.as_csv([focus.line()]))
    client.force_login(finance)
    page = client.get(reverse("spend-load-changes", args=[Load.objects.get().pk]))
    assert "Nothing to compare" in page.content.decode()


def test_a_bill_is_read_again_from_its_page(client, load, finance):
    imported = load(focus.as_csv([focus.line()]))
    client.force_login(finance)
    answer = client.post(reverse("spend-bill-replay", args=[imported.delivery_id]))
    job = Job.objects.get(kind="governance_app.spend.tasks.replay")
    assert answer.url == reverse("spend-loading", args=[job.pk])
    run_inline(job)
    assert Load.objects.get(state="current").number == 2
    assert "Open the bill" in client.get(answer.url).content.decode()


def test_who_may_not_load_is_offered_nothing_and_refused(client, load, person):
    imported = load(focus.as_csv([focus.line()]))
    client.force_login(person("executive"))
    page = client.get(reverse("spend-bill", args=[imported.delivery_id])).content.decode()
    assert "Read again" not in page
    answer = client.post(reverse("spend-bill-replay", args=[imported.delivery_id]))
    assert answer.status_code in (403, 404)
    assert Delivery.objects.count() == 1


def test_a_source_is_changed_on_its_page(client, source, finance):
    client.force_login(finance)
    at = reverse("spend-source", args=[source.pk])
    fields = {"name": "Cloud bills", "delivery": "append", "version": source.version}
    refused = client.post(at, {**fields, "correction": "replacement"})
    assert refused.status_code == 422
    assert "would count twice" in refused.content.decode()
    assert Source.objects.get().delivery == "overwrite"
    assert client.post(at, {**fields, "correction": "ledger"}).status_code == 302
    changed = Source.objects.get()
    assert (changed.delivery, changed.correction, changed.is_strict) == ("append", "ledger", False)
