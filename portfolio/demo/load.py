"""
Loads the invented company through the front door: services, and bills that a connection pulls.

Every step looks at what stands already and adds what is missing, so that a step which was
interrupted goes on where it stopped and a second start changes nothing. A step commits
initiative by initiative, each whole or not at all.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance_app.books import services as books
from governance_app.connectors import services as connectors
from governance_app.connectors.models import Connection
from governance_app.domain.records import AssumptionRecord, CaseLineRecord, ControlRecord, Reading
from governance_app.initiatives import services as register
from governance_app.initiatives.models import (
    Comment,
    Dependency,
    Initiative,
    Milestone,
    StatusUpdate,
)
from governance_app.inventory import services as inventory
from governance_app.inventory.models import Dataset, DatasetLink, Vendor
from governance_app.jobs import services as jobs
from governance_app.people import services as people
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.risk import services as risk
from governance_app.risk.models import Appetite, Risk
from governance_app.spend import services as spend
from governance_app.spend.models import BudgetPlan, Rule, Source
from governance_app.spend.services.budgets import BudgetLine
from governance_app.value import services as value
from governance_app.value.models import Benefit, BusinessCase, Kpi
from portfolio.demo import bills, parts, registry, shapes, week
from portfolio.demo.accounts import ACCOUNTS
from portfolio.demo.company import LABEL, NAME, SEED
from portfolio.demo.shapes import Company
from portfolio.demo.skus import BY_SLUG
from portfolio.demo.structure import units
from portfolio.demo.techniques import VENDORS

T = TypeVar("T")

GROUP = 25
SOURCE = "Invented demo data"
#: Written by hand, as it were: no registry is connected in the demo.
REGISTRY = "manual"
PULL_EVERY_SECONDS = 6 * 3600
_ROLE_OF_POST = {
    "sponsor": "executive",
    "owner": "business_owner",
    "technical": "contributor",
    "manager": "program_manager",
    "finance": "finance_partner",
    "risk": "risk_officer",
}
#: Posts that work for the whole group wherever they sit.
_GROUP_WIDE = {"finance", "risk"}


class Progress(Protocol):
    """How a step says how far it is; a job's run fits."""

    def stage(self, name: str, total: int | None = None) -> None: ...

    def advance(self, rows: int, total: int | None = None) -> None: ...


def set_up(*, by: User) -> None:
    """Found the organisation, its units and one sign-in per role: enough to look around."""
    organisation = people.found_organisation(name=f"{NAME} ({LABEL})", by=by)
    _add_units(organisation, by)
    nodes = _units()
    _add_accounts({"": organisation, **nodes}, by)


def set_up_plain(*, by: User) -> None:
    """Found an organisation without units and one sign-in per role over the whole of it."""
    organisation = ScopeNode.objects.filter(kind=ScopeNode.Kind.ORGANISATION).first()
    if organisation is None:
        organisation = people.found_organisation(name="My organisation", by=by)
    _add_accounts(dict.fromkeys({account.unit_code for account in ACCOUNTS}, organisation), by)


def label_as_invented(*, from_on: dt.date, by: User) -> None:
    """Let every page say that the data are invented."""
    books.set_value(key="invented_data", value=True, from_on=from_on, source=SOURCE, by=by)


def load_people(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add the people of the story with their roles, and the books they share: rates and months."""
    organisation, nodes = _organisation(), _units()
    known = set(User.objects.values_list("email", flat=True))
    granted = set(Grant.objects.values_list("user__email", "role"))
    job.stage("People and roles", total=len(company.people))
    for count, group in _groups(company.people):
        with transaction.atomic():
            for person in group:
                _add_person(person, organisation, nodes, known, granted, by)
        job.advance(count)
    for code, name in (("USD", "US dollar"), ("EUR", "Euro"), ("GBP", "Pound sterling")):
        books.add_currency(code=code, name=name, by=by)
    books.enter_rates(
        rates=[(rate.base, "USD", rate.month, rate.kind, rate.value) for rate in company.rates],
        source=SOURCE,
        by=by,
    )
    books.open_months(first=company.months[0], last=timezone.localdate(), by=by)
    return {"people": len(company.people), "rates": len(company.rates)}


def load_register(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add the portfolios, programmes and initiatives with the story of their stages."""
    with transaction.atomic():
        if not Initiative.objects.exists():
            _add_initiatives(company, job, by)
    return {"initiatives": Initiative.objects.count()}


def load_budgets(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Write the budget of each fiscal year."""
    nodes = {row.key: row.node for row in _initiatives().values()}
    years: dict[int, list[BudgetLine]] = defaultdict(list)
    for line in company.budgets:
        years[line.month.year].append(
            BudgetLine(nodes[line.key], line.month, line.amount, "USD", category="run")
        )
    standing = set(BudgetPlan.objects.values_list("fiscal_year", flat=True))
    job.stage("Budgets", total=len(years))
    for count, (year, lines) in enumerate(sorted(years.items()), start=1):
        if year not in standing:
            spend.set_budget(name=f"Budget {year}", fiscal_year=year, lines=lines, by=by)
        job.advance(count)
    return {"years": len(years), "lines": len(company.budgets)}


def load_bills(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """
    Write the bills into the demo folder, say how they are allocated, and connect the folders.

    The group controller answers for what stays unallocated.
    A connection pulls its folder at once by a job of its own, and again every six hours.
    """
    job.stage("Writing bills")
    folder = bills_folder()
    written = bills.write(company, folder)
    job.stage("Allocation rules")
    _add_rules(company, by)
    job.stage("Connections")
    standing = set(Connection.objects.filter(deleted_at=None).values_list("name", flat=True))
    sources = set(Source.objects.values_list("name", flat=True))
    controller = _people()[company.controller]
    for slug in dict.fromkeys(bill.source for bill in written):
        name = f"{BY_SLUG[slug].title} bill"
        if name not in sources:
            spend.add_source(name=name, owner=controller, by=by)
        if name not in standing:
            connectors.add_connection(
                plugin="focus_folder",
                name=name,
                settings={"folder": str(folder / slug)},
                every_seconds=PULL_EVERY_SECONDS,
                by=by,
            )
    return {"bills": len(written), "lines": sum(bill.rows for bill in written)}


def pull_bills(*, by: User) -> None:
    """Let the connections take their first turn now instead of at the next tick."""
    jobs.run_due_schedules(by=by)


def load_activity(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add status updates, milestones, dependencies and comments, each by who would write it."""
    rows, writers = _initiatives(), _people()
    needs: dict[str, list[shapes.Dependency]] = defaultdict(list)
    for link in company.dependencies:
        needs[link.key].append(link)
    told = _keys_with(StatusUpdate)
    planned = _keys_with(Milestone)
    linked = _keys_with(Dependency)
    discussed = _keys_with(Comment)

    def add(story: shapes.Initiative) -> None:
        row, key = rows[story.key], story.key
        manager = writers.get(story.program_manager or "", by)
        if key not in told:
            for update in company.updates[key]:
                register.post_status(
                    initiative=row, status=update.status, sentence=update.sentence,
                    on=update.on, by=writers[update.by],
                )  # fmt: skip
        if key not in planned:
            _add_milestones(row, company.milestones[key], manager)
        if key not in linked:
            for link in needs[key]:
                register.add_dependency(
                    initiative=row, needs=rows[link.on_key], note=link.note, by=by
                )
        if key not in discussed:
            for remark in company.comments[key]:
                register.comment(initiative=row, text=remark.text, by=writers[remark.by])

    done = _one_by_one("Updates, milestones and comments", company.initiatives, add, job)
    job.stage("Logs, views and proposals")
    week.load_week(rows, company.initiatives, writers, by, SEED)
    return done


def load_value(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add business cases, KPIs with their readings, and benefits up to the rung each reached."""
    rows, writers = _initiatives(), _people()
    cases = {case.key: case for case in company.cases}
    kpis: dict[str, list[shapes.Kpi]] = defaultdict(list)
    for kpi in company.kpis:
        kpis[kpi.key].append(kpi)
    benefits = {benefit.key: benefit for benefit in company.benefits}
    has_case, has_kpi, has_benefit = (
        _keys_with(BusinessCase),
        _keys_with(Kpi),
        _keys_with(Benefit),
    )
    stories = [
        story
        for story in company.initiatives
        if story.key in cases or story.key in kpis or story.key in benefits
    ]

    def add(story: shapes.Initiative) -> None:
        row, key = rows[story.key], story.key
        owner = writers.get(story.business_owner or "", by)
        if key in cases and key not in has_case:
            _add_case(row, cases[key], owner, writers)
        if key in kpis and key not in has_kpi:
            for kpi in kpis[key]:
                _add_kpi(row, kpi, owner)
        if key in benefits and key not in has_benefit:
            _add_benefit(row, benefits[key], owner, writers, company.as_of)

    return _one_by_one("Cases, KPIs and benefits", stories, add, job)


def load_risks(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Set the appetite, and add risks with their controls and signals."""
    rows, writers = _initiatives(), _people()
    organisation, nodes = _organisation(), _units()
    standing = set(Appetite.objects.values_list("category", "node_id"))
    for appetite in company.appetites:
        node = nodes[appetite.unit_code] if appetite.unit_code else organisation
        if (appetite.category, node.pk) not in standing:
            risk.set_appetite(
                category=appetite.category, node=node, level=appetite.level,
                from_on=company.months[0], reason="Set by the board.", by=by,
            )  # fmt: skip
    risks: dict[str, list[shapes.Risk]] = defaultdict(list)
    for each in company.risks:
        risks[each.key].append(each)
    registered = _keys_with(Risk)
    today = timezone.localdate()

    def add(story: shapes.Initiative) -> None:
        if story.key in registered:
            return
        for each in risks[story.key]:
            _add_risk(rows[story.key], each, writers.get(each.owner or "", by), today)

    stories = [story for story in company.initiatives if story.key in risks]
    return _one_by_one("Risks", stories, add, job)


def load_inventory(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add vendors, models with their versions, and datasets, and link them to initiatives."""
    rows, listed = _initiatives(), company.registry
    job.stage("Vendors", total=len(VENDORS))
    known = set(Vendor.objects.values_list("name", flat=True))
    for name in VENDORS:
        if name not in known:
            inventory.add_vendor(name=name, notes="Invented.", by=by)
    job.stage("Models and versions", total=len(listed.versions))
    inventory.take_models(source=REGISTRY, records=listed.models, by=by)
    inventory.take_versions(source=REGISTRY, records=listed.versions, by=by)
    inventory.link_by_tag(source=REGISTRY, tag=registry.TAG, by=by)
    job.advance(len(listed.versions))
    inventory.take_datasets(source=REGISTRY, records=listed.datasets, by=by)
    datasets = {row.name: row for row in Dataset.objects.filter(source=REGISTRY)}
    linked = set(DatasetLink.objects.values_list("initiative__key", flat=True))
    stories = [story for story in company.initiatives if story.key in listed.dataset_of]

    def add(story: shapes.Initiative) -> None:
        if story.key not in linked:
            inventory.link_dataset(
                dataset=datasets[listed.dataset_of[story.key]],
                initiative=rows[story.key],
                by=by,
            )

    _one_by_one("Datasets", stories, add, job)
    job.stage("Bills of materials")
    parts.take_bills(source=REGISTRY, as_of=company.as_of, by=by)
    return {"models": len(listed.models), "versions": len(listed.versions)}


def bills_folder() -> Path:
    """Give the folder the bills are written to; connections may read below it."""
    return Path(settings.VAR) / "demo" / "focus"


def _one_by_one(
    stage: str,
    stories: Sequence[shapes.Initiative],
    add: Callable[[shapes.Initiative], None],
    job: Progress,
) -> dict[str, Any]:
    """Add what belongs to each initiative, each in a transaction of its own: no two can wait
    for one another in a circle."""
    job.stage(stage, total=len(stories))
    for count, story in enumerate(stories, start=1):
        with transaction.atomic():
            add(story)
        job.advance(count)
    return {"initiatives": len(stories)}


def _groups(rows: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Part rows into groups, each with how many rows are done after it."""
    for start in range(0, len(rows), GROUP):
        group = rows[start : start + GROUP]
        yield start + len(group), group


def _add_units(organisation: ScopeNode, by: User) -> None:
    nodes = _units()
    with transaction.atomic():
        for unit in units():
            if unit.code not in nodes:
                parent = nodes[unit.parent_code] if unit.parent_code else organisation
                nodes[unit.code] = people.add_unit(
                    name=unit.name, code=unit.code, parent=parent, by=by
                )


def _add_accounts(nodes: Mapping[str, ScopeNode], by: User) -> None:
    """Add one person per role, granted it on the node of their unit."""
    known = set(User.objects.values_list("email", flat=True))
    for account in ACCOUNTS:
        if account.email in known:
            continue
        with transaction.atomic():
            user = people.add_user(
                email=account.email, name=account.name, title=account.title,
                password=account.password, by=by,
            )  # fmt: skip
            people.grant(user=user, role=account.role, node=nodes[account.unit_code], by=by)


def _add_person(
    person: shapes.Person,
    organisation: ScopeNode,
    nodes: Mapping[str, ScopeNode],
    known: set[str],
    granted: set[tuple[str, str]],
    by: User,
) -> None:
    role = _ROLE_OF_POST[person.post]
    if person.email not in known:
        people.add_user(email=person.email, name=person.name, title=person.title, by=by)
    if (person.email, role) in granted:
        return
    is_group = not person.unit_code or person.post in _GROUP_WIDE
    node = organisation if is_group else nodes[person.unit_code]
    people.grant(user=User.objects.get(email=person.email), role=role, node=node, by=by)


def _add_initiatives(company: Company, job: Progress, by: User) -> None:
    nodes, writers = _units(), _people()
    worth = {case.key: case.yearly_benefit for case in company.cases}
    rows: dict[str, Initiative] = {}
    job.stage("Initiatives", total=len(company.initiatives))
    for kind in ("portfolio", "programme", "initiative"):
        stories = [story for story in company.initiatives if story.kind == kind]
        drafts = [_draft(story, rows, nodes, writers, worth.get(story.key)) for story in stories]
        for story, row in zip(stories, register.add_many(drafts=drafts, by=by), strict=True):
            if row.key != story.key:
                raise ValueError(f"{story.name} became {row.key}; the bills name {story.key}.")
            rows[story.key] = row
        job.advance(len(rows))
    for story in company.initiatives:
        for move in _after_first_way(story):
            register.advance_stage(
                initiative=rows[story.key], to=move.to_stage, on=move.on, reason=move.reason, by=by
            )


def _draft(
    story: shapes.Initiative,
    rows: Mapping[str, Initiative],
    nodes: Mapping[str, ScopeNode],
    writers: Mapping[str, User],
    yearly_benefit: Decimal | None,
) -> register.Draft:
    seats = ("sponsor", "business_owner", "technical_owner", "risk_owner", "program_manager")
    details: dict[str, Any] = {
        seat: writers[email] for seat in seats if (email := getattr(story, seat)) is not None
    }
    details |= {
        "kind": story.kind,
        "parent": rows[story.parent_key] if story.parent_key else None,
        "purpose": story.purpose,
        "ai_type": story.ai_type,
        "modality": story.modality,
        "autonomy": story.autonomy,
        "deployment_target": story.deployment_target,
        "data_classes": list(story.data_classes) or None,
        "vendor": story.vendor,
        "sourcing": story.sourcing,
        "tags": list(story.tags),
        "started_on": story.started_on,
        "ended_on": story.ended_on,
    }
    if yearly_benefit:
        details |= {"expected_value": yearly_benefit, "expected_value_currency": "USD"}
    moves = story.moves[: len(story.moves) - len(_after_first_way(story))]
    plans = [
        register.StagePlan(move.to_stage, actual_on=move.on, reason=move.reason,
                           planned_on=_planned(story, move.to_stage))
        for move in moves
    ]  # fmt: skip
    is_live_before = any(move.to_stage == "production" for move in moves)
    if story.planned_live_on and not is_live_before and story.stage != "retired":
        plans.append(register.StagePlan("production", planned_on=story.planned_live_on))
    return register.Draft(
        name=story.name,
        unit=nodes[story.unit_code],
        stage=moves[-1].to_stage if moves else "",
        details=details,
        stages=plans,
    )


def _planned(story: shapes.Initiative, stage: str) -> dt.date | None:
    return story.planned_live_on if stage == "production" else None


def _after_first_way(story: shapes.Initiative) -> tuple[shapes.Move, ...]:
    """Give the moves from the first stage that was entered a second time on."""
    seen: set[str] = set()
    for place, move in enumerate(story.moves):
        if move.to_stage in seen:
            return story.moves[place:]
        seen.add(move.to_stage)
    return ()


def _add_milestones(row: Initiative, milestones: Sequence[shapes.Milestone], manager: User) -> None:
    for milestone in milestones:
        register.add_milestone(
            initiative=row, name=milestone.name, due_on=milestone.planned_on,
            done_on=milestone.actual_on, by=manager,
        )  # fmt: skip


def _add_rules(company: Company, by: User) -> None:
    rows = _initiatives()
    standing = set(Rule.objects.values_list("name", flat=True))
    name = "Tag: initiative"
    if name not in standing:
        spend.add_rule(name=name, dimension="tag", tag=bills.TAG, by=by)
    for key, account in sorted(company.accounts_by_key.items()):
        name = f"Account of {key}"
        if name not in standing:
            spend.add_rule(
                name=name, dimension="account", value=account, initiative=rows[key], by=by
            )


def _add_case(row: Initiative, case: shapes.Case, owner: User, writers: Mapping[str, User]) -> None:
    if not case.lines:
        return
    written = value.write_case(
        initiative=row,
        lines=[
            CaseLineRecord(line.side, line.category, line.month, line.amount) for line in case.lines
        ],
        currency="USD",
        go_live_month=case.go_live_month,
        assumptions=case.assumptions,
        rests_on=[
            AssumptionRecord(
                each.name, each.low, each.likely, each.high, each.unit, each.factor, each.moves,
                each.driver, owner.email if each.evidence else "", each.evidence,
            )
            for each in case.rests_on
        ],
        by=owner,
    )  # fmt: skip
    if case.approved_by is not None:
        value.approve_case(
            case=written, by=writers[case.approved_by], sentence="The effect is worth the money."
        )


def _add_kpi(row: Initiative, kpi: shapes.Kpi, owner: User) -> None:
    added = value.add_kpi(
        initiative=row,
        name=kpi.name,
        unit=kpi.unit,
        direction=kpi.direction,
        value_type=kpi.value_type,
        population=kpi.population,
        baseline=kpi.baseline,
        baseline_month=kpi.baseline_month,
        baseline_evidence="Average of the three months before.",
        target=kpi.target,
        target_on=kpi.target_on,
        unit_value=kpi.unit_value,
        currency="USD" if kpi.unit_value is not None else "",
        attribution=kpi.attribution,
        by=owner,
    )
    if kpi.readings:
        value.record_kpi_readings(
            kpi=added, points=[Reading(on, amount) for on, amount in kpi.readings],
            source_ref="Monthly report", by=owner,
        )  # fmt: skip


def _add_benefit(
    row: Initiative,
    benefit: shapes.Benefit,
    owner: User,
    writers: Mapping[str, User],
    as_of: dt.date,
) -> None:
    kpi = Kpi.objects.filter(initiative=row, unit_value__isnull=False).order_by("pk").first()
    added = value.add_benefit(
        initiative=row,
        name=benefit.name,
        benefit_type=benefit.kind,
        value_type=benefit.value_type,
        starts_month=benefit.starts_month,
        ends_month=benefit.ends_month,
        currency="USD",
        kpi=kpi,
        owner=owner,
        method="before_after",
        by=owner,
    )
    claimed = {m.month: m.claimed for m in benefit.months if m.claimed is not None}
    if claimed:
        value.claim(benefit=added, months=claimed, basis="Monthly report of the unit.", by=owner)
    if benefit.months:
        months = [month.month for month in benefit.months]
        value.measure(benefit=added, months=months, on=as_of, by=owner)
    _review(added, benefit, writers)


def _review(added: Benefit, benefit: shapes.Benefit, writers: Mapping[str, User]) -> None:
    """Let finance accept, reject and bank what the story says it did."""
    accepted = {m.month: m.validated for m in benefit.months if m.validated is not None}
    banked = {m.month: m.banked for m in benefit.months if m.banked is not None}
    rejected: dict[str, list[dt.date]] = defaultdict(list)
    for month in benefit.months:
        if month.is_rejected:
            rejected[month.note].append(month.month)
    reviewer = next((writers[m.validator] for m in benefit.months if m.validator), None)
    if reviewer is None:
        return
    if accepted:
        value.validate(
            benefit=added, months=accepted, evidence_ref="Benefit review of finance, monthly sheet",
            by=reviewer,
        )  # fmt: skip
    for note, months in rejected.items():
        value.reject(benefit=added, months=months, sentence=note, by=reviewer)
    if banked:
        value.bank(benefit=added, months=banked, bank_ref=f"Budget line {benefit.key}", by=reviewer)


def _add_risk(row: Initiative, each: shapes.Risk, by: User, today: dt.date) -> None:
    risk.add_risk(
        initiative=row,
        category=each.category,
        title=each.title,
        owner=by if by.kind == User.Kind.PERSON else None,
        treatment="mitigate" if each.controls else "",
        likelihood=each.likelihood,
        impact=each.impact,
        reasons="Workshop with the team." if each.likelihood else "",
        reviewed_on=each.reviewed_on,
        review_days=each.review_days,
        controls=[
            ControlRecord(
                control.name, control.kind, control.design, control.operating,
                control.evidence_on,
                "Evidence folder of model risk" if control.evidence_on else "",
                control.max_age_days,
            )
            for control in each.controls
        ],
        on=today,
        by=by,
    )  # fmt: skip
    for signal in each.signals:
        risk.raise_signal(
            initiative=row,
            kind=signal.kind,
            evidence=f"{signal.text}: {signal.value} (limit {signal.threshold}), {signal.on}.",
            ref=each.category,
            on=today,
            by=by,
        )


def _keys_with(model: Any) -> set[str]:
    """Give the keys of the initiatives that have a row of a model already."""
    return set(model.objects.values_list("initiative__key", flat=True).distinct())


def _organisation() -> ScopeNode:
    return ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)


def _units() -> dict[str, ScopeNode]:
    rows = ScopeNode.objects.filter(kind=ScopeNode.Kind.UNIT).exclude(code="")
    return {node.code: node for node in rows.order_by("pk")}


def _people() -> dict[str, User]:
    return {user.email: user for user in User.objects.filter(kind=User.Kind.PERSON).order_by("pk")}


def _initiatives() -> dict[str, Initiative]:
    rows = Initiative.objects.select_related("node", "unit", "stage", "parent").order_by("number")
    return {row.key: row for row in rows}
