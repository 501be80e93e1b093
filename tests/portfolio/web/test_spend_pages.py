"""The pages of spend: what they show is the ledger, what they export is what they show."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance_app.exports.models import ExportJob
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.spend import services
from governance_app.spend.models import Load, RuleVersion, Source
from tests.factories import focus
from tests.spend.conftest import NOW, finance, load, source

__all__ = ["NOW", "finance", "load", "source"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(client, finance):
    client.force_login(finance)
    return client


@pytest.fixture
def target(unit, admin):
    from governance_app.initiatives import services as initiatives

    return initiatives.add(name="Claims <triage>", unit=unit, by=admin)


@pytest.fixture
def ledger(load, target, finance):
    """Load 80 lines of dollars, half of them allocated, archived."""
    services.add_rule(
        name="Inference", dimension="service", value="Inference", initiative=target, by=finance
    )
    lines = [{**one, "BillingCurrency": "USD"} for one in focus.messy_lines(80, seed=12)]
    imported = load(focus.as_csv(lines))
    services.archive(delivery_id=imported.delivery_id, by=finance)
    return lines


def text(response) -> str:
    assert response.status_code == 200, response.content[:2000]
    return response.content.decode()


def test_an_empty_ledger_invites_to_load_a_bill(signed_in, source):
    assert "No spend yet" in text(signed_in.get("/spend/"))


@pytest.mark.parametrize(
    "by", ["unit", "initiative", "provider", "service", "category", "account", "source", "model"]
)
def test_every_dimension_shows_the_same_total(signed_in, ledger, by):
    response = signed_in.get("/spend/", {"by": by})
    assert response.context["total"] == focus.billed(ledger)["USD"]
    amounts = [row.amount for row in response.context["rows"]]
    assert sum(amounts) == response.context["total"]
    assert "Unallocated" in text(response)
    assert "Claims <triage>" not in response.content.decode()


def test_unallocated_names_who_answers_for_it(signed_in, ledger):
    (owned,) = signed_in.get("/spend/").context["owners"]
    expected = [one for one in ledger if one["ServiceName"] != "Inference"]
    assert (owned["owner"].name, owned["amount"]) == (
        "Finance Partner",
        focus.billed(expected)["USD"],
    )


def test_filters_stand_in_the_address_and_cut_the_results(signed_in, ledger, target):
    query = {"initiative": target.key, "by": "service", "basis": "effective", "since": "2026-10"}
    total = signed_in.get("/spend/", query).context["total"]
    expected = sum(
        Decimal(one["EffectiveCost"])
        for one in ledger
        if one["ServiceName"] == "Inference" and one["ChargeCategory"] != "Adjustment"
    )
    assert abs(total - expected) < Decimal("1e-15")  # some lines are finer than 18 decimals
    part = signed_in.get("/spend/", query, headers={"HX-Request": "true", "HX-Target": "results"})
    body = text(part)
    assert "<html" not in body
    assert f"initiative: {target.key}" in body


def test_a_missing_rate_is_said_and_the_rest_is_shown(signed_in, load):
    load(focus.as_csv([focus.line(BillingCurrency="EUR", BilledCost="5")]))
    response = signed_in.get("/spend/")
    assert "No average rate from EUR to" in text(response)
    assert (response.context["total"], response.context["asked"].currency) == (5, "EUR")


def test_two_currencies_meet_at_the_rate_of_the_month(signed_in, load, admin):
    import datetime as dt

    from governance_app.books import selectors as books
    from governance_app.books import services as books_services

    reporting = books.reporting_currency(on=NOW.date())
    other = "EUR" if reporting == "USD" else "USD"
    books_services.enter_rates(
        rates=[(other, reporting, dt.date(2026, 10, 1), "average", Decimal("1.25"))],
        source="test",
        by=admin,
    )
    load(
        focus.as_csv(
            [
                focus.line(BillingCurrency=reporting, BilledCost="5"),
                focus.line(BillingCurrency=other, BilledCost="4"),
            ]
        )
    )
    response = signed_in.get("/spend/")
    assert response.context["total"] == 10
    passport = text(signed_in.get("/spend/passport/"))
    assert "Cloud bills, Oct 2026" in passport
    assert "at 1.25" in passport


def test_lines_behind_an_initiative(signed_in, ledger, target):
    body = text(signed_in.get("/spend/lines/", {"initiative": target.key, "since": "2026-09"}))
    assert "Vektor-Suche" not in body
    assert "=cmd|" in body
    count = sum(one["ServiceName"] == "Inference" for one in ledger)
    assert f"{count} lines" in body


def test_lines_of_no_initiative_lead_to_choosing_one(signed_in, ledger):
    response = signed_in.get("/spend/lines/", {"since": "2026-09"})
    assert response.status_code == 302
    assert response["Location"].startswith("/spend/?")
    assert "by=initiative" in response["Location"] and "since=2026-09" in response["Location"]


def test_loading_a_bill_shows_its_outcome_and_its_files(signed_in, source, finance):
    assert "Load a bill" in text(signed_in.get("/spend/bills/load/"))
    lines = focus.messy_lines(30, seed=2)
    upload = SimpleUploadedFile("october.csv", focus.as_csv(lines))
    asked = signed_in.post("/spend/bills/load/", {"source": str(source.pk), "file": upload})
    job = Job.objects.get(kind="governance_app.spend.tasks.import_file")
    assert asked.url == reverse("spend-loading", args=[job.pk])
    assert "waiting" in text(signed_in.get(asked.url))
    run_inline(job)
    body = text(signed_in.get(asked.url))
    assert "30 lines read, 0 refused" in body
    delivery = source.deliveries.get()
    assert "october.csv" in text(signed_in.get("/spend/bills/"))
    assert "being archived" in text(signed_in.get(f"/spend/bills/{delivery.pk}/"))
    kept = signed_in.get(f"/spend/bills/{delivery.pk}/0/")
    assert b"".join(kept.streaming_content) == focus.as_csv(lines)
    assert kept["Content-Disposition"] == 'attachment; filename="october.csv"'


def test_a_bad_bill_says_row_and_reason_on_its_page(signed_in, source):
    upload = SimpleUploadedFile("bad.csv", focus.as_csv([focus.line(BilledCost="12,5x")]))
    asked = signed_in.post("/spend/bills/load/", {"source": "new", "name": "AWS", "file": upload})
    run_inline(Job.objects.get(kind="governance_app.spend.tasks.import_file"))
    body = text(signed_in.get(asked.url))
    assert "1 of 1 line cannot be counted" in body
    assert "Row 2, BilledCost" in body
    assert "Traceback" not in body
    assert (Load.objects.count(), Source.objects.count()) == (0, 2)


def test_an_upload_without_a_file_is_refused_in_words(signed_in, source):
    response = signed_in.post("/spend/bills/load/", {"source": str(source.pk)})
    assert response.status_code == 400
    assert "Choose the file to load" in response.content.decode()


def test_rules_are_listed_and_added_and_ended(signed_in, load, target):
    load(focus.as_csv([focus.line(BilledCost="5")]))
    assert "No rule yet" in text(signed_in.get("/spend/rules/"))
    form = {"name": "By account", "dimension": ["account", ""], "tag": ["", ""],
            "match": ["is", "is"], "values": ["000000000042", ""], "kind": "direct",
            "initiative": target.key.lower()}  # fmt: skip
    effect = text(signed_in.post("/spend/rules/preview/", form))
    assert "This would move 5.00 USD from unallocated to 1 initiative." in effect
    assert RuleVersion.objects.count() == 0
    signed_in.post("/spend/rules/add/", form)
    run_inline(Job.objects.get(kind="governance_app.spend.tasks.reallocate"))
    body = text(signed_in.get("/spend/rules/"))
    assert "account is 000000000042" in body
    assert "Allocated + unallocated = source" in body
    version = RuleVersion.objects.get()
    signed_in.post(
        f"/spend/rules/{version.rule_id}/end/",
        {"until": "2026-10", "version": version.rule.version},
    )
    version.refresh_from_db()
    assert str(version.until_month) == "2026-10-01"
    assert "Let it go on" in text(signed_in.get(f"/spend/rules/{version.rule_id}/"))
    signed_in.post(f"/spend/rules/{version.rule_id}/restore/", {})
    version.refresh_from_db()
    assert version.until_month is None
    assert text(signed_in.get(f"/spend/rules/{version.rule_id}/edit/")).count("000000000042") == 1
    unknown = signed_in.post("/spend/rules/add/", {**form, "name": "x", "initiative": "AI-0"})
    assert unknown.status_code == 422
    assert "There is no initiative AI-0" in unknown.content.decode()


def test_rules_are_asked_in_another_order_by_button(signed_in, target, finance):
    for name in ("First", "Second"):
        services.add_rule(name=name, dimension="service", value=name, initiative=target, by=finance)
    second = RuleVersion.objects.get(rule__name="Second").rule
    signed_in.post(f"/spend/rules/{second.pk}/move/", {"position": 1, "version": second.version})
    rows = signed_in.get("/spend/rules/").context["asked_of_keys"]
    assert [row["rule"].name for row in rows] == ["Second", "First"]


def test_what_the_screen_shows_is_what_is_exported(signed_in, ledger, target):
    query = f"initiative={target.key}&by=service&since=2026-10&until=2026-10"
    shown = signed_in.get(f"/spend/?{query}").context["total"]
    asked = signed_in.post(f"/reports/ask/ledger/csv/?{query}")
    export = ExportJob.objects.get()
    assert asked.url == f"/reports/{export.pk}/"
    run_inline(export.job)
    assert "the totals equal the ledger" in text(signed_in.get(asked.url))
    assert export.title in text(signed_in.get("/reports/"))
    file = signed_in.get(f"/reports/{export.pk}/file/")
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert sum(Decimal(row["billed"]) for row in rows) == shown


def test_who_may_not_is_told_why(client, ledger, person, finance):
    client.force_login(person("contributor"))
    for address in ("/spend/", "/reports/", "/spend/rules/", "/spend/bills/load/"):
        assert client.get(address).status_code == 403
    client.force_login(person("executive"))
    assert client.get("/spend/bills/load/").status_code == 403
    assert client.post("/spend/rules/add/", {"name": "x"}).status_code in (400, 403)
    asked = ExportJob.objects.create(
        sheet="ledger", format="csv", title="x", words="", asked_by=finance, seen=[]
    )
    assert client.get(f"/reports/{asked.pk}/").status_code == 404


def test_a_delivery_of_another_unit_does_not_exist(client, load, person, unit, other_unit, finance):
    elsewhere = services.add_source(name="Insurance bills", node=other_unit, by=finance)
    imported = load(focus.as_csv([focus.line()]), source=elsewhere)
    client.force_login(person("executive", unit))
    assert client.get(f"/spend/bills/{imported.delivery_id}/").status_code == 404
    assert client.get(f"/spend/bills/{imported.delivery_id}/0/").status_code == 404


def test_any_two_dimensions_and_days_and_their_reasons(signed_in, ledger, target):
    page = signed_in.get("/spend/?by=initiative&across=service&basis=effective")
    assert page.context["heads"]
    row = page.context["rows"][0]
    assert sum(cell or 0 for cell in row.cells) == row.amount
    assert "Why these amounts" in text(page)
    days = signed_in.get("/spend/?by=service&grain=day")
    assert days.context["pictures"]["months"]["layout"]
    assert target.key in text(signed_in.get("/spend/why/"))
    assert signed_in.get("/spend/suggestions/").status_code == 200
    assert signed_in.get("/spend/unit-costs/").status_code == 200
    assert signed_in.get("/spend/anomalies/").status_code == 200


def test_pools_step_down_in_another_order_and_a_spelling_ends(client, person, organisation):
    from governance_app.spend.models import Pool, TagSynonym

    finance = person("finance_partner")
    client.force_login(finance)
    for name in ("Platform", "Shared"):
        client.post("/spend/rules/pools/", {"name": name})
    client.post("/spend/rules/pools/order/", {"name": "Shared", "do": "earlier"})
    assert list(Pool.objects.order_by("position").values_list("name", flat=True)) == [
        "Shared", "Platform",
    ]  # fmt: skip
    first = client.post("/spend/rules/pools/order/", {"name": "Shared", "do": "earlier"})
    assert first.status_code == 400 and "steps down first already" in first.content.decode()
    asked = client.post(
        "/api/v1/spend/pools/", {"names": ["Platform", "Shared"]}, content_type="application/json"
    )
    assert [one["name"] for one in asked.json()] == ["Platform", "Shared"]
    short = client.post(
        "/api/v1/spend/pools/", {"names": ["Platform"]}, content_type="application/json"
    )
    assert short.status_code == 422 and "Name each pool once" in short.content.decode()
    client.post("/spend/rules/synonyms/", {"tag": "team", "written": "gen-ai", "means": "genai"})
    synonym = TagSynonym.objects.get()
    client.post(f"/spend/rules/synonyms/{synonym.pk}/end/", {"until": "2026-11"})
    synonym.refresh_from_db()
    assert f"{synonym.until_month}" == "2026-11-01"
    assert "before Nov 2026" in client.get("/spend/rules/").content.decode()


def test_an_anomaly_is_handed_to_somebody_who_exists(client, person, organisation, admin):
    from datetime import date

    from governance_app.spend.models import Anomaly
    from governance_app.spend.services import add_source

    finance, other = person("finance_partner"), person("finance_partner", name="Second Eyes")
    anomaly = Anomaly.objects.create(
        source=add_source(name="Cloud", by=finance), grain="month", on=date(2026, 10, 1),
        service="Inference", currency="USD", actual=Decimal(9), usual=Decimal(1), score=9.0,
        sentence="Inference cost 9 instead of 1.",
    )  # fmt: skip
    client.force_login(finance)
    address = f"/spend/anomalies/{anomaly.pk}/hand/"
    refused = client.post(address, {"owner": "nobody@example.com"})
    assert refused.status_code == 400 and "There is nobody with the address" in (
        refused.content.decode()
    )
    client.post(address, {"owner": other.email.upper()})
    anomaly.refresh_from_db()
    assert anomaly.owner == other
    assert "Second Eyes" in client.get("/spend/anomalies/").content.decode()


def test_days_of_several_months_sum_to_them(signed_in, load, finance):
    import datetime as dt

    from governance_app.spend.services import archive, keep_days

    for month, cost in (("2026-08", "1"), ("2026-09", "20"), ("2026-10", "300")):
        start = f"{month}-05T00:00:00Z"
        after = {"2026-08": "2026-09", "2026-09": "2026-10", "2026-10": "2026-11"}[month]
        made = load(
            focus.as_csv(
                [
                    focus.line(
                        BilledCost=cost, EffectiveCost=cost, ChargePeriodStart=start,
                        ChargePeriodEnd=f"{month}-06T00:00:00Z",
                        BillingPeriodStart=f"{month}-01T00:00:00Z",
                        BillingPeriodEnd=f"{after}-01T00:00:00Z",
                    )
                ]
            )
        )  # fmt: skip
        archive(delivery_id=made.delivery_id, by=finance)
    keep_days(by=finance)

    def days(query):
        page = signed_in.get(f"/spend/?grain=day&{query}")
        drawn = page.context["pictures"]["months"]["data"]
        return {
            dt.date.fromisoformat(str(day)[:10]): amount
            for trace in drawn
            for day, amount in zip(trace["x"], trace["y"], strict=True)
            if amount
        }, page.context["asked"].period

    for by in ("service", "initiative"):
        assert days(f"by={by}") == ({dt.date(2026, 10, 5): 300.0}, "Oct 2026")
        two = {dt.date(2026, 9, 5): 20.0, dt.date(2026, 10, 5): 300.0}
        assert days(f"by={by}&since=2026-09") == (two, "Sep 2026 to Oct 2026")
        assert days(f"by={by}&since=2025-01")[1] == "Aug 2026 to Oct 2026", "never more than three"


def test_unused_commitments_are_told_apart_and_exported_as_such(signed_in, load, finance):
    from governance_app.exports.services import make, request
    from governance_app.files.selectors import open_file
    from governance_app.spend.selectors import SpendFilter

    plan = {"CommitmentDiscountId": "sp-1", "CommitmentDiscountCategory": "Spend",
            "CommitmentDiscountType": "Savings Plan"}  # fmt: skip
    load(
        focus.as_csv(
            [
                focus.line(BilledCost="0", EffectiveCost="70", ResourceId="a", **plan,
                           CommitmentDiscountStatus="Used"),
                focus.line(BilledCost="0", EffectiveCost="30", ResourceId="b", **plan,
                           CommitmentDiscountStatus="Unused"),
                focus.line(BilledCost="5", EffectiveCost="5", ResourceId="c"),
            ]
        )
    )  # fmt: skip
    page = signed_in.get("/spend/?by=commitment&basis=effective")
    assert page.context["unused"] == 30
    assert "Unused: sp-1" in text(page) and "Unused commitments" in text(page)
    assert "Unused commitments" not in text(signed_in.get("/spend/?by=service"))
    asked = request(
        sheet="ledger", file_format="csv", chosen=SpendFilter(), is_now=True, by=finance
    )
    made = make(export_id=asked.pk, by=finance, now=NOW)
    with open_file(file=made.file) as stream:
        rows = stream.read().decode().splitlines()
    assert sum(",sp-1,Unused," in row for row in rows) == 1
    assert sum(",sp-1,Used," in row for row in rows) == 1
