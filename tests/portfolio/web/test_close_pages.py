"""The pages of the close: what finance does in a month, and what others see of it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.spend import services
from governance_app.spend.models import (
    Accrual,
    Dispute,
    Invoice,
    Journal,
    ManualCost,
    MonthClose,
    PurchaseOrder,
    SecondLook,
    TrialBalance,
    WorkedDays,
)
from tests.factories import focus
from tests.spend.close.conftest import (
    OCTOBER,
    THIRD_DAY,
    books,
    controller,
    evidence,
    finance,
    load,
    source,
)

__all__ = ["books", "controller", "evidence", "finance", "load", "source"]

pytestmark = pytest.mark.django_db(transaction=True)

MONTH = "/spend/close/2026-10/"
PAGES = ("", "invoices/", "accruals/", "costs/", "variances/", "general-ledger/", "adjustments/",
         "journals/", "chargeback/")  # fmt: skip


@pytest.fixture
def signed_in(client, finance):
    client.force_login(finance)
    return client


@pytest.fixture
def ledger(books, load):
    load(
        focus.as_csv(
            [
                focus.line(BilledCost="100", EffectiveCost="100"),
                focus.line(BilledCost="50", EffectiveCost="50", ResourceId="b",
                           Tags='{"ai-initiative":"AI-2"}'),
            ]
        ),
        now=THIRD_DAY,
    )  # fmt: skip


def text(response) -> str:
    assert response.status_code == 200, response.content[:2000]
    return response.content.decode()


def done(answer) -> Job:
    """Run the job that a page sent somebody to."""
    job = Job.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])
    run_inline(job)
    job.refresh_from_db()
    return job


def test_before_the_first_bill_there_is_nothing_to_close(signed_in, organisation):
    assert "No month yet" in text(signed_in.get("/spend/close/"))
    for page in PAGES:
        text(signed_in.get(MONTH + page))
    assert "No purchase order yet" in text(signed_in.get("/spend/orders/"))
    assert "Nothing is coded yet" in text(signed_in.get("/spend/coding/"))


def test_a_month_shows_its_list_and_closes_by_two_people(signed_in, ledger, client, controller):
    body = text(signed_in.get(MONTH))
    assert "Nothing keeps the month open" in body
    assert "October 2026" not in body or "Oct" in body
    signed_in.post(MONTH, {"step": "soft close"})
    refused = signed_in.post(MONTH, {"step": "approve"})
    assert refused.status_code == 400
    assert "You prepared October 2026 yourself" in refused.content.decode()
    client.force_login(controller)
    done(client.post(MONTH, {"step": "approve"}))
    done(client.post(MONTH, {"step": "close"}))
    body = text(client.get(MONTH))
    assert "As it was when the month closed" in body
    close = MonthClose.objects.get()
    assert close.pack.sha256 in body
    pack = client.get(f"{MONTH}pack/1/")
    assert b"".join(pack.streaming_content)[:2] == b"PK"
    assert "Download" in text(client.get("/spend/close/"))
    reopened = client.post(MONTH, {"step": "reopen", "reason": "An invoice was coded wrongly."})
    assert reopened.status_code == 302
    assert "An invoice was coded wrongly." in text(client.get(MONTH))


def test_an_invoice_is_entered_judged_and_shown(signed_in, ledger):
    made = signed_in.post(
        f"{MONTH}invoices/",
        {"issuer": "Cloudworks", "number": "INV-7", "total": "160", "currency": "usd"},
    )
    row = Invoice.objects.get()
    assert made["Location"] == f"/spend/invoices/{row.pk}/"
    body = text(signed_in.get(made["Location"]))
    assert "Differs and is not explained" in body
    signed_in.post(
        made["Location"],
        {"verdict": "explained", "comment": "A fee outside the export.", "version": row.version},
    )
    assert "Explained and accepted" in text(signed_in.get(f"{MONTH}invoices/"))
    bad = done(
        signed_in.post(
            f"{MONTH}invoices/",
            {"do": "details", "file": SimpleUploadedFile("d.csv", b"InvoiceId,BilledCost\n1,2\n")},
        )
    )
    assert (bad.state, Invoice.objects.count()) == ("failed", 1)
    assert "d.csv has no column BillingAccountId" in bad.error
    assert f"{MONTH}invoices/" in text(signed_in.get(f"/jobs/{bad.pk}/")), "the way back"


def test_costs_days_orders_and_accruals_are_entered_with_their_proof(signed_in, ledger, source):
    refused = signed_in.post(
        f"{MONTH}costs/",
        {"description": "Audit", "category": "governance", "amount": "9", "currency": "USD"},
    )
    assert "Choose the file that proves it" in refused.content.decode()
    signed_in.post(
        f"{MONTH}costs/",
        {
            "description": "Audit", "category": "governance", "amount": "1,200", "currency": "USD",
            "initiative": "AI-1", "evidence": SimpleUploadedFile("a.pdf", b"audit"),
        },
    )  # fmt: skip
    signed_in.post(
        f"{MONTH}costs/",
        {"do": "rate", "persona": "Analyst", "amount": "700", "currency": "EUR", "from": "2026-10"},
    )
    signed_in.post(
        f"{MONTH}costs/",
        {"do": "days", "initiative": "AI-2", "persona": "Analyst", "days": "2.5"},
    )
    assert (ManualCost.objects.count(), WorkedDays.objects.count()) == (1, 1)
    assert "Analyst" in text(signed_in.get(f"{MONTH}costs/"))
    signed_in.post(
        f"{MONTH}accruals/",
        {
            "source": source.pk, "currency": "USD", "method": "stated", "amount": "40",
            "sentence": "Quote", "evidence": SimpleUploadedFile("q.pdf", b"quote"),
        },
    )  # fmt: skip
    assert Accrual.objects.get().amount == 40
    assert "Quote" in text(signed_in.get(f"{MONTH}accruals/"))
    signed_in.post(
        "/spend/orders/",
        {
            "do": "add", "number": "PO-1", "vendor": "Cloudworks", "amount": "500",
            "currency": "USD", "from": "2026-01", "until": "2099-12",
        },
    )  # fmt: skip
    assert PurchaseOrder.objects.count() == 1
    assert "$500" in text(signed_in.get("/spend/orders/"))
    body = text(signed_in.get(MONTH))
    assert "People" in body
    assert "Manual" in body


def test_a_trial_balance_is_judged_whole_and_its_difference_explained(signed_in, ledger):
    bad = b"entity,account,cost centre,currency,amount\n1000,620100,0001,USD,abc\n"
    refused = done(
        signed_in.post(
            f"{MONTH}general-ledger/",
            {"do": "import", "file": SimpleUploadedFile("tb.csv", bad)},
        )
    )
    assert 'row 2, amount "abc" is not a number' in refused.error
    assert TrialBalance.objects.count() == 0
    good = (
        b"entity,account,cost centre,currency,amount\n1000,620100,0001,USD,90\n"
        b"2000,620100,0042,USD,50\n1000,100000,,USD,7\n"
    )
    done(
        signed_in.post(
            f"{MONTH}general-ledger/",
            {"do": "import", "file": SimpleUploadedFile("tb.csv", good)},
        )
    )
    body = text(signed_in.get(f"{MONTH}general-ledger/"))
    assert "1 line is apart and not explained" in body
    subject = re.search(r'name="subject" value="([^"]+)"', body).group(1)
    assert subject == "1000|620100|0001|USD"
    signed_in.post(
        f"{MONTH}general-ledger/", {"do": "explain", "subject": subject, "sentence": "Booked late."}
    )
    body = text(signed_in.get(f"{MONTH}general-ledger/"))
    given = re.search(r'name="explanation" value="([^"]+)"', body).group(1)
    signed_in.post(f"{MONTH}general-ledger/", {"do": "accept", "explanation": given})
    assert "Every line ties or is explained" in text(signed_in.get(f"{MONTH}general-ledger/"))


def test_a_unit_disputes_a_line_and_finance_decides(client, ledger, person, unit, finance):
    owner = person("business_owner", unit, name="Unit Owner")
    client.force_login(owner)
    body = text(client.get(f"{MONTH}chargeback/"))
    assert "AI-1" in body
    assert "AI-2" not in body
    client.post(
        f"{MONTH}chargeback/",
        {
            "do": "dispute", "unit": unit.name, "initiative": "AI-1", "source": "Cloud bills",
            "service": "Inference", "amount": "100", "currency": "USD",
            "reason": "We switched it off.", "owner": finance.pk,
        },
    )  # fmt: skip
    dispute = Dispute.objects.get()
    client.force_login(finance)
    client.post(
        f"{MONTH}chargeback/",
        {"do": "rejected", "dispute": dispute.pk, "outcome": "It ran until the 20th."},
    )
    assert "It ran until the 20th." in text(client.get(f"{MONTH}chargeback/"))


def test_a_journal_is_posted_once_and_downloads_as_it_was(signed_in, ledger, controller, finance):
    now = THIRD_DAY
    services.close.soft_close(month=OCTOBER, by=finance, now=now)
    services.close.approve_month(month=OCTOBER, by=controller, now=now)
    signed_in.post(f"{MONTH}journals/")
    row = Journal.objects.get(kind="allocation")
    address = f"/spend/journals/{row.pk}/"
    assert "620100" in text(signed_in.get(address))
    for _ in range(2):
        signed_in.post(address, {"key": f"page:{row.pk}"})
    first = b"".join(signed_in.get(f"{address}file/").streaming_content)
    assert first.startswith(b"journal,line,date,entity")
    signed_in.post(address, {"do": "number", "number": "4900007"})
    assert "4900007" in text(signed_in.get(f"{MONTH}journals/"))


def test_who_sees_no_money_is_refused(client, person, unit):
    client.force_login(person("contributor", unit))
    for page in PAGES:
        assert client.get(MONTH + page).status_code == 403


def test_no_month_and_no_row_are_no_page(signed_in, organisation):
    assert signed_in.get("/spend/close/october/").status_code == 404
    assert signed_in.post(f"{MONTH}accruals/", {"source": "x"}).status_code == 404


def test_the_api_reads_a_month_and_posts_a_journal_once(signed_in, ledger, controller, finance):
    months = signed_in.get("/api/v1/close/months/2026-10/").json()
    assert months["state"] == "open"
    assert {one["state"] for one in months["checklist"]} <= {"ok", "attention"}
    assert {one["billed"] for one in months["totals"]} == {"150"}
    made = signed_in.post(
        "/api/v1/close/invoices/",
        {"issuer": "Cloudworks", "number": "INV-7", "currency": "USD", "month": "2026-10-31",
         "total": "150.00"},
        content_type="application/json",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    assert made.json()["status"] == "tied"
    listed = signed_in.get("/api/v1/close/months/2026-10/invoices/").json()
    assert [one["number"] for one in listed] == ["INV-7"]
    now = dt.datetime.now(dt.UTC)
    services.close.soft_close(month=OCTOBER, by=finance, now=now)
    services.close.approve_month(month=OCTOBER, by=controller, now=now)
    services.close.close_month(month=OCTOBER, by=controller, now=now)
    row = signed_in.get("/api/v1/close/journals/?kind=allocation").json()["results"][0]
    answers = [
        signed_in.post(
            f"/api/v1/close/journals/{row['id']}/post/", {"key": "erp-1"},
            content_type="application/json",
        ).json()
        for _ in range(2)
    ]  # fmt: skip
    assert answers[0]["document_sha256"] == answers[1]["document_sha256"] != ""
    number = signed_in.post(
        f"/api/v1/close/journals/{row['id']}/number/", {"erp_number": "49"},
        content_type="application/json",
    )  # fmt: skip
    assert number.json()["erp_number"] == "49"


def test_the_api_sends_approving_and_closing_as_jobs(
    signed_in, ledger, controller, finance, client
):
    step = "/api/v1/close/months/2026-10/"
    now = dt.datetime.now(dt.UTC)

    def take(who: Any, **body: str) -> Any:
        client.force_login(who)
        return client.post(step, body, content_type="application/json")

    refused = take(controller, step="close")
    assert refused.status_code == 422 and not Job.objects.filter(kind__endswith="_month").exists()
    services.close.soft_close(month=OCTOBER, by=finance, now=now)
    refused = take(finance, step="approve")  # who prepared it
    assert refused.status_code in (403, 422)
    assert not Job.objects.filter(kind__endswith="_month").exists()
    asked = [take(controller, step="approve") for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202]
    assert asked[0].json() == asked[1].json()
    assert str(Job.objects.get(kind__endswith="approve_month").pk) == asked[0].json()["job"]
    services.close.approve_month(month=OCTOBER, by=controller, now=now)
    closing = take(controller, step="close")
    assert (closing.status_code, Job.objects.filter(kind__endswith="close_month").count()) == (
        202,
        1,
    )


def test_a_second_person_approves_on_a_page(signed_in, ledger, admin, controller, client):
    from governance_app.books import services as book_settings

    book_settings.set_value(key="close_four_eyes", value=["costs"], from_on=OCTOBER, by=admin)
    assert "Nothing waits" in text(signed_in.get("/spend/second-looks/"))
    sent = signed_in.post(
        f"{MONTH}costs/",
        {
            "description": "Audit", "category": "governance", "amount": "1,200", "currency": "USD",
            "initiative": "AI-1", "evidence": SimpleUploadedFile("a.pdf", b"audit"),
        },
        follow=True,
    )  # fmt: skip
    assert "waits for a second person" in text(sent)
    assert not ManualCost.objects.exists()
    look = SecondLook.objects.get()
    body = text(signed_in.get("/spend/second-looks/"))
    assert "Audit, 1200 USD for AI-1" in body and "You asked for it" in body
    choice = {"look": look.pk, "version": look.version, "do": "approve"}
    own = signed_in.post("/spend/second-looks/", choice)
    assert own.status_code == 400 and not ManualCost.objects.exists()
    client.force_login(controller)
    assert "1 thing" in text(client.get("/spend/close/"))
    assert "Approved and done" in text(client.post("/spend/second-looks/", choice, follow=True))
    assert ManualCost.objects.get().amount == 1200


def test_a_second_person_decides_over_the_api(signed_in, ledger, admin, finance, controller):
    from governance_app.books import services as book_settings
    from governance_app.spend.services import close

    book_settings.set_value(key="close_four_eyes", value=["coding"], from_on=OCTOBER, by=admin)
    close.ask(
        action="add coding", asked={"field": "project", "value": "P1"}, by=controller,
        now=THIRD_DAY,
    )  # fmt: skip
    (one,) = signed_in.get("/api/v1/close/second-looks/", {"state": "waiting"}).json()["results"]
    assert one["words"] == "project is P1 where everything else"
    address = f"/api/v1/close/second-looks/{one['id']}/"
    refused = signed_in.post(address, {"is_approved": False}, content_type="application/json")
    assert refused.status_code == 422
    done_ = signed_in.post(address, {"is_approved": True}, content_type="application/json")
    assert (done_.json()["state"], done_.json()["decided_by"]) == ("done", finance.email)


@pytest.mark.parametrize(
    ("page", "sheet"),
    [
        ("chargeback/", "chargeback"), ("journals/", "journal"),
        ("invoices/", "invoice_reconciliation"),
    ],
)  # fmt: skip
def test_a_page_of_the_close_exports_its_own_month(signed_in, ledger, page, sheet):
    from governance_app.exports.models import ExportJob

    signed_in.post(f"{MONTH}journals/")
    body = text(signed_in.get(MONTH + page))
    (address,) = set(re.findall(rf'action="(/reports/ask/{sheet}/xlsx/[^"]*)"', body))
    signed_in.post(address.replace("&amp;", "&"))
    run_inline(Job.objects.get(exports__isnull=False))
    made = ExportJob.objects.get()
    assert (made.chosen["since"], made.chosen["until"], made.chosen["dated"]) == (
        "2026-10-01", "2026-10-01", "billing",
    )  # fmt: skip
    assert made.file is not None and made.rows


def test_a_month_that_is_not_ready_fails_its_approval_in_words(
    signed_in, ledger, client, controller
):
    signed_in.post(MONTH, {"step": "soft close"})
    signed_in.post(
        f"{MONTH}costs/", {"do": "days", "initiative": "AI-2", "persona": "Painter", "days": "2"}
    )
    client.force_login(controller)
    job = done(client.post(MONTH, {"step": "approve"}))
    assert (job.state, MonthClose.objects.get().approved_at) == ("failed", None)
    assert "no rate is set for them" in job.error
