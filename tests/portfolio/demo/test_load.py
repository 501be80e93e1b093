"""The loader: through services, whole, once; an interrupted load goes on where it stopped."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth import authenticate
from django.utils import timezone

from governance_app.books import selectors as books
from governance_app.books.models import AccountingMonth
from governance_app.initiatives.models import Initiative, StageMove, StatusUpdate
from governance_app.inventory.models import DatasetLink, ModelLink, ModelVersion
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.people.roles import ROLES
from governance_app.people.services import system_user
from governance_app.risk.models import Risk
from governance_app.spend.models import BudgetPlan, Dispute, Rule
from governance_app.spend.selectors import close
from governance_app.value.models import Benefit, BenefitMonth, BusinessCase, Kpi
from portfolio.demo import company, load, steps
from portfolio.demo.accounts import ACCOUNTS, PASSWORD
from portfolio.demo.shapes import Company
from portfolio.demo.showcase import SHOWCASES

SIZE = len(SHOWCASES)
COUNTED = (
    User, Grant, ScopeNode, Initiative, StageMove, StatusUpdate, BusinessCase, Kpi, Benefit,
    BenefitMonth, Risk, BudgetPlan, Rule, ModelVersion, ModelLink, DatasetLink,
)  # fmt: skip


@pytest.fixture
def demo_settings(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    settings.FOLDERS_ALLOWED = [str(tmp_path / "demo")]
    return tmp_path


@pytest.fixture
def story() -> Company:
    return company.build(as_of=timezone.localdate(), initiatives=SIZE)


#: The step that waits for bills, which connections pull by jobs of their own.
CLOSE = "portfolio.demo.tasks.close"


def run_queue(*kinds: str) -> list[Job]:
    """Do every queued job of some kinds, and those they queue, until none is left."""
    done = []
    queued = Job.objects.filter(state="queued", kind__startswith="portfolio.").exclude(kind=CLOSE)
    if kinds:
        queued = Job.objects.filter(state="queued", kind__in=kinds)
    while job := queued.first():
        done.append(run_inline(job))
    return done


def counts() -> Counter[str]:
    return Counter({model.__name__: model.objects.count() for model in COUNTED})


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_load_goes_on_and_its_months_close(
    demo_settings: Path, story: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One load from its start to the end of the month, since each takes most of a minute."""
    by = system_user("demo")
    break_off_and_go_on(by, story, monkeypatch)
    assert_all_is_there(story)

    before = counts()
    assert steps.begin(by=by, initiatives=SIZE), "the close still waits for the bills"
    assert Job.objects.filter(kind=CLOSE).count() == 1
    assert not run_queue()
    assert counts() == before

    close_the_months()


def break_off_and_go_on(by: User, story: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.begin(by=by, initiatives=SIZE)
    calls = 0
    add = load._add_risk

    def breaks_off(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 20:
            raise RuntimeError("the lights went out")
        add(*args, **kwargs)

    monkeypatch.setattr(load, "_add_risk", breaks_off)
    states = {job.key: job.state for job in run_queue()}
    assert states.pop("demo:risks") == "failed"
    assert set(states.values()) == {"done"}
    some = Risk.objects.count()

    monkeypatch.setattr(load, "_add_risk", add)
    assert steps.begin(by=by, initiatives=SIZE)
    after = ("demo:risks", "demo:compliance", "demo:governance")
    assert {job.key: job.state for job in run_queue()} == dict.fromkeys(after, "done")
    assert 0 < some < Risk.objects.count() == len(story.risks)


def assert_all_is_there(story: Company) -> None:
    rows = {row.key: row for row in Initiative.objects.select_related("stage", "business_owner")}
    assert {row.name: row.stage.slug for row in rows.values() if row.stage} == {
        told.name: told.stage for told in story.initiatives if told.stage
    }
    for told in story.initiatives:
        assert [(move.to_stage.slug, move.on) for move in StageMove.objects.filter(
            initiative=rows[told.key]).select_related("to_stage").order_by("on", "pk")
        ] == [(move.to_stage, move.on) for move in told.moves]  # fmt: skip
        assert rows[told.key].status == told.status
    assert Kpi.objects.filter(definition=None).count() == len(story.kpis)
    assert Risk.objects.count() == len(story.risks)
    named = {model.name for model in story.registry.models}  # feeds bring others, without owners
    versions = ModelVersion.objects.filter(model__name__in=named)
    assert versions.count() == len(story.registry.versions)
    assert {link.initiative_id for link in ModelLink.objects.filter(model__name__in=named)} == {
        rows[model.tags["initiative"]].pk for model in story.registry.models
    }
    banked = [m.banked or 0 for b in story.benefits for m in b.months]
    validated = [m.validated or 0 for b in story.benefits for m in b.months]
    assert sum((m.banked or 0 for m in BenefitMonth.objects.all()), Decimal(0)) == sum(banked)
    assert sum((m.validated or 0 for m in BenefitMonth.objects.all()), Decimal(0)) == sum(validated)
    assert BudgetPlan.objects.count() == len({line.month.year for line in story.budgets})


def close_the_months() -> None:
    waiting = run_inline(Job.objects.get(kind=CLOSE))
    assert (waiting.state, waiting.error) == (
        "queued", "The bills of the newest month are still coming in.",
    )  # fmt: skip
    assert not AccountingMonth.objects.exclude(state="open").exists()

    synced = run_queue("governance_app.connectors.tasks.sync")
    assert {job.state for job in synced} == {"done"}
    Job.objects.filter(kind=CLOSE).update(not_before=timezone.now())
    assert run_inline(Job.objects.get(kind=CLOSE)).state == "done"

    states = AccountingMonth.objects.exclude(state="open").order_by("month")
    assert [row.state for row in states] == ["closed", "closed", "soft closed"]
    newest = states[2].month
    found = {
        row.status for row in close.reconciliation(viewer=system_user("rollups"), month=newest)
    }
    assert {"differs", "tied", "not received"} <= found
    assert Dispute.objects.filter(state="open", month=newest).count() == 1


@pytest.mark.django_db
def test_one_sign_in_per_role_works_at_once() -> None:
    load.set_up(by=system_user("demo"))
    assert {account.role for account in ACCOUNTS} == set(ROLES) - {"system"}
    for account in ACCOUNTS:
        user = authenticate(username=account.email, password=PASSWORD)
        assert user is not None
        assert [grant.role for grant in Grant.objects.filter(user=user)] == [account.role]


@pytest.mark.django_db
def test_organisation_says_that_it_is_invented(demo_settings: Path) -> None:
    steps.begin(by=system_user("demo"), initiatives=SIZE)
    root = ScopeNode.objects.get(kind="organisation")
    assert root.name == "Meridian Group (invented demo data)"
    assert books.setting(key="invented_data", on=timezone.localdate()) is True
    assert ScopeNode.objects.filter(kind="unit").count() == 40


@pytest.mark.django_db
def test_installation_with_initiatives_of_its_own_is_left_alone(unit: ScopeNode) -> None:
    from governance_app.initiatives import services as register

    by = system_user("demo")
    register.add(name="Ours", unit=unit, by=by)
    with pytest.raises(steps.NotEmpty, match="only into an empty one"):
        steps.begin(by=by)
    assert not User.objects.filter(email=ACCOUNTS[0].email).exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_own_inventory_is_imported_and_nothing_invented(tmp_path: Path) -> None:
    file = tmp_path / "inventory.csv"
    file.write_text(
        "Use case,Department,Stage,Purpose\n"
        "Fraud score,Cards,In production,Scores card payments\n"
        "Letter reader,Post room,Pilot,Reads incoming letters\n"
    )
    by = system_user("demo")
    assert steps.begin_with_inventory(file=file, by=by)
    (job,) = Job.objects.filter(state="queued")
    assert run_inline(job).state == "done"
    assert set(Initiative.objects.values_list("name", flat=True)) == {
        "Fraud score", "Letter reader",
    }  # fmt: skip
    assert books.setting(key="invented_data", on=timezone.localdate()) is False
    assert not steps.begin_with_inventory(file=file, by=by)
    assert Initiative.objects.count() == 2


def test_bills_go_where_connections_may_read() -> None:
    assert str(load.bills_folder()).startswith(str(site.VAR))
    assert isinstance(company.build(as_of=date(2026, 1, 1), initiatives=SIZE), Company)
