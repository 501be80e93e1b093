"""What a round looks for: each finding with its value, threshold, source and time in a sentence."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from governance_app.books.selectors import setting
from governance_app.books.settings_known import KNOWN
from governance_app.compliance.models import (
    Assessment,
    BiasAudit,
    Library,
    ModelValidation,
    TierNow,
)
from governance_app.domain import drift
from governance_app.gates import facts as gate_facts
from governance_app.gates.models import AfterReview, Breach, BreakGlass, GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.readings import selectors as readings
from governance_app.readings.models import Series
from governance_app.risk.models import Acceptance, Risk
from governance_app.spend import selectors as spend
from governance_app.value import selectors as value

#: What a round can find: words, the signal it raises, and whose seat answers first.
KINDS: Mapping[str, tuple[str, str, str]] = {
    "drift": ("Drift alarm", "drift.alarm", "technical_owner"),
    "performance": ("KPI behind its path", "metric.missed", "business_owner"),
    "monitor": ("Silent monitor", "monitor.silent", "technical_owner"),
    "model": ("Stale model", "model.stale", "technical_owner"),
    "owner": ("Nobody answers for it", "owner.missing", "program_manager"),
    "review": ("Risk review overdue", "review.overdue", "risk_owner"),
    "approval": ("No valid approval", "approval.expired", "program_manager"),
    "approval_ends": ("Approval ends soon", "", "program_manager"),
    "budget": ("Over budget", "cost.overrun", "business_owner"),
    "zombie": ("Pilot that goes nowhere", "", "business_owner"),
    "law": ("Law changed since it was classified", "law.changed", "risk_owner"),
    "validation": ("Model to be validated again", "", "technical_owner"),
    "assessment": ("Assessment no longer counts", "", "risk_owner"),
    "bias_audit": ("Bias audit to be done again", "", "risk_owner"),
    "acceptance": ("Accepted risk is open again", "", "risk_owner"),
    "breach": ("Guardrail broken", "", "technical_owner"),
    "emergency": ("Emergency to be looked at", "", "risk_owner"),
    "sample": ("Self-approval to be looked at", "", "risk_owner"),
}
#: What a person wrote down; no round opens or closes it.
BY_HAND = "by_hand"
#: Those that a clock at the gates finds; a round looks at them after the guardrails.
CLOCKS = frozenset({"breach", "emergency", "sample"})
#: Steps that a signal adds when it is there at all, and when it is grave.
RAISED, STRONG = 1, 2
SEATS = ("program_manager", "business_owner", "sponsor", "technical_owner", "risk_owner")


@dataclass(frozen=True, slots=True)
class Found:
    """
    One finding; ``due_on`` where its own clock says when, ``up`` where its signal raises risk by
    other than what its kind says.
    """

    initiative_id: uuid.UUID
    kind: str
    sentence: str
    ref: str = ""
    due_on: dt.date | None = None
    up: int | None = None


class Round:
    """What a round over some initiatives looks at, read in bulk."""

    def __init__(
        self, *, initiatives: Collection[Initiative], on: dt.date, by: User, with_facts: bool = True
    ) -> None:
        self.on, self.by = on, by
        self.rows = {row.pk: row for row in initiatives}
        self.limits: Mapping[str, Any] = setting(key="oversight_limits", on=on)
        self.live = {str(each) for each in setting(key="gate_live_stages", on=on)}
        self.facts = gate_facts.gather(initiatives=list(self.rows) if with_facts else [], on=on)

    def findings(self) -> Iterator[Found]:
        """Give everything that is found by looking, kind by kind."""
        yield from self._readings()
        yield from self._performance()
        yield from self._models()
        yield from self._owners()
        yield from self._reviews()
        yield from self._approvals()
        yield from self._budgets()
        yield from self._zombies()
        yield from self._ended()

    def _limit(self, name: str) -> float:
        """Give a limit; the default where the setting is older than the limit."""
        return float(self.limits.get(name, KNOWN["oversight_limits"].default[name]))

    def _is_live(self, row: Initiative) -> bool:
        return row.stage is not None and row.stage.slug in self.live

    def _readings(self) -> Iterator[Found]:
        """Metrics that come by themselves: those that fell silent, those that say drift."""
        drifts: Mapping[str, float] = self.limits["drift"]
        silent = int(self.limits["monitor_silent_days"])
        raises = int(self._limit("monitor_raises_days"))
        series = list(
            Series.objects.filter(initiative__in=list(self.rows)).exclude(source="manual")
        )
        measured = [
            (each, limit) for each in series if (limit := _drift_limit(each, drifts)) is not None
        ]
        recent: dict[uuid.UUID, list[Any]] = defaultdict(list)
        if measured:
            for point in readings.points(viewer=self.by, series=[each for each, _ in measured]):
                recent[point.series_id].append(point)
        for each in series:
            allowed = max(silent, each.cadence_days or 0)
            if each.recorded_at is None or not self._is_live(self.rows[each.initiative_id]):
                continue
            days = (self.on - timezone.localdate(each.recorded_at)).days
            if days > allowed:
                yield Found(
                    each.initiative_id, "monitor",
                    f"“{each.name}” from {each.source} has sent nothing for {days} days; "
                    f"more than {allowed} is silence.",
                    ref=each.key, up=RAISED if days > raises else None,
                )  # fmt: skip
        clears, strong = (
            int(self._limit(name)) for name in ("drift_clean_windows", "drift_strong_windows")
        )
        for each, limit in measured:
            windows = recent[each.pk]
            alarm = drift.standing(
                [float(point.value) > limit for point in windows], clears_after=clears
            )
            if alarm is None:
                continue
            is_strong = alarm.longest >= strong
            told = f"above {limit} is drift"
            if is_strong:
                told += f", {alarm.longest} windows in a row"
            if alarm.clean:
                last = windows[alarm.last].period_on
                told += f", last on {last:%d %b %Y}; {alarm.clean} of {clears} clean windows came"
            yield Found(
                each.initiative_id, "drift",
                f"“{each.name}” is {windows[-1].value.normalize():f} on "
                f"{windows[-1].period_on:%d %b %Y}; {told}. Source: {each.source}.",
                ref=each.key, up=STRONG if is_strong else None,
            )  # fmt: skip

    def _performance(self) -> Iterator[Found]:
        least = float(self.limits["behind_ratio"])
        live = [pk for pk, row in self.rows.items() if self._is_live(row)]
        for pk, standings in value.kpi_standings(
            viewer=self.by, on=self.on, initiatives=live
        ).items():
            for each in standings:
                progress, expected = each.progress_ratio.value, each.expected_ratio
                if not each.is_fresh or progress is None or not expected:
                    continue
                if float(progress) < expected * least:
                    yield Found(
                        pk, "performance",
                        f"{each.kpi} has come {float(progress):.0%} of the way to its target where "
                        f"its path says {expected:.0%}; under {least:.0%} of the path is an alarm. "
                        f"Read on {each.latest_on:%d %b %Y}.".replace("%", " %"),
                        ref=str(each.kpi.pk),
                    )  # fmt: skip

    def _models(self) -> Iterator[Found]:
        most = int(self.limits["model_stale_days"])
        for pk, row in self.rows.items():
            age = self.facts[pk].values.get("model_age_days")
            if self._is_live(row) and age is not None and age > most:
                yield Found(
                    pk, "model",
                    f"Its newest model version was registered {age} days ago; more than {most} "
                    "days without a new one or an evaluation is stale.",
                )  # fmt: skip

    def _owners(self) -> Iterator[Found]:
        for pk, row in self.rows.items():
            if row.stage is None or row.stage.position == 1:
                continue
            for seat, words in (("business_owner", "business"), ("technical_owner", "technical")):
                owner = getattr(row, seat)
                if owner is None:
                    if seat == "business_owner":
                        yield Found(pk, "owner", "It has no business owner.", ref=seat)
                elif not owner.is_active:
                    yield Found(
                        pk, "owner", f"{owner}, its {words} owner, can no longer sign in.", ref=seat
                    )

    def _reviews(self) -> Iterator[Found]:
        late = int(self.limits["review_late_days"])
        twice = float(self._limit("review_raises_periods"))
        rows = Risk.objects.filter(
            initiative__in=list(self.rows), closed_at=None, reviewed_on__isnull=False
        )
        for risk in rows.order_by("initiative_id", "pk"):
            assert risk.reviewed_on is not None
            age = (self.on - risk.reviewed_on).days
            due = risk.reviewed_on + dt.timedelta(days=risk.review_days)
            if (self.on - due).days > late:
                yield Found(
                    risk.initiative_id, "review",
                    f"“{risk}” was to be reviewed by {due:%d %b %Y}, every {risk.review_days} "
                    f"days; last on {risk.reviewed_on:%d %b %Y}.",
                    ref=str(risk.pk), up=None if age > risk.review_days * twice else 0,
                )  # fmt: skip

    def _approvals(self) -> Iterator[Found]:
        """Approvals that ended, were overtaken or end soon, for what still stands on them."""
        soon = self.on + dt.timedelta(days=int(self.limits["approval_ends_days"]))
        newest: dict[uuid.UUID, GateRequest] = {}
        rows = GateRequest.objects.filter(
            initiative__in=list(self.rows), state__in=("approved", "expired", "stale")
        )
        for request in rows.order_by("decided_at", "submitted_at", "pk"):
            stage = self.rows[request.initiative_id].stage
            if stage is not None and stage.slug == request.to_stage:
                newest[request.initiative_id] = request
        for pk, request in newest.items():
            if request.state == "stale":
                changed = ", ".join(request.overtaken_by)
                yield Found(
                    pk, "approval", f"{request} no longer holds: {changed} changed since.",
                    ref=str(request.number),
                )  # fmt: skip
            elif request.valid_until is not None and request.valid_until < self.on:
                yield Found(
                    pk, "approval", f"{request} ended on {request.valid_until:%d %b %Y}.",
                    ref=str(request.number),
                )  # fmt: skip
            elif request.valid_until is not None and request.valid_until <= soon:
                yield Found(
                    pk, "approval_ends", f"{request} ends on {request.valid_until:%d %b %Y}.",
                    ref=str(request.number), due_on=request.valid_until,
                )  # fmt: skip
        lapsed = BreakGlass.objects.filter(
            initiative__in=list(self.rows), lapses_at__lt=timezone.now()
        ).order_by("opened_at")
        for glass in lapsed:
            stage = self.rows[glass.initiative_id].stage
            if stage is None or stage.slug != glass.to_stage or glass.initiative_id in newest:
                continue
            yield Found(
                glass.initiative_id, "approval",
                f"The emergency move of {glass.opened_at:%d %b %Y} lapsed on "
                f"{glass.lapses_at:%d %b %Y} and nothing was asked at the gate.",
                ref=f"glass-{glass.pk}",
            )  # fmt: skip

    def _budgets(self) -> Iterator[Found]:
        most = float(self.limits["over_budget_ratio"])
        far = float(self._limit("over_budget_far_ratio"))
        for pk in self.rows:
            over = self.facts[pk].values.get("over_budget")
            if over is not None and float(over) > most:
                yield Found(
                    pk, "budget",
                    f"Spend is {float(over):.0%} over its budget of the fiscal year so far; over "
                    f"{most:.0%} is an alarm.".replace("%", " %"),
                    up=STRONG if float(over) > far else None,
                )  # fmt: skip

    def _zombies(self) -> Iterator[Found]:
        """Pilots with several signs of going nowhere; how many are needed is a setting."""
        needed = int(self.limits["zombie_signs"])
        silent = int(self.limits["zombie_silent_days"])
        stages = setting(key="zombie_stages", on=self.on)
        pilots = {
            pk: row
            for pk, row in self.rows.items()
            if row.stage is not None and row.stage.time_box_days and not self._is_live(row)
            and row.stage.slug in stages
        }  # fmt: skip
        if not pilots:
            return
        dear = self._dear(pilots)
        last: dict[uuid.UUID, dt.date] = {}
        for initiative, latest in Series.objects.filter(initiative__in=list(pilots)).values_list(
            "initiative_id", "latest_on"
        ):
            if latest is not None:
                last[initiative] = max(last.get(initiative, latest), latest)
        for pk, row in pilots.items():
            signs = []
            if row.time_box_on is not None and row.time_box_on < self.on:
                signs.append(f"{(self.on - row.time_box_on).days} days past its time box")
            read = last.get(pk)
            if read is None:
                signs.append("no KPI was ever read")
            elif (self.on - read).days > silent:
                signs.append(f"no reading for {(self.on - read).days} days")
            if pk in dear:
                signs.append(dear[pk])
            if row.business_owner is None or not row.business_owner.is_active:
                signs.append("nobody owns it")
            if len(signs) >= needed:
                text = f"{signs[0][:1].upper()}{signs[0][1:]}"
                yield Found(pk, "zombie", ", ".join([text, *signs[1:]]) + ".")

    def _dear(self, pilots: Mapping[uuid.UUID, Initiative]) -> dict[uuid.UUID, str]:
        """Give the pilots whose newest cost per outcome is above that of their first month."""
        by_name = {f"{row.key} {row.name}": pk for pk, row in pilots.items()}
        months: dict[uuid.UUID, list[Any]] = defaultdict(list)
        for cost in spend.outcome_costs(viewer=self.by, chosen=spend.SpendFilter()):
            pk = by_name.get(cost.subject)
            if pk is not None and cost.unit_cost is not None:
                months[pk].append(cost)
        found = {}
        for pk, costs in months.items():
            costs.sort(key=lambda cost: cost.month)
            first, newest = costs[0], costs[-1]
            if first.month < newest.month and newest.unit_cost > first.unit_cost:
                found[pk] = (
                    f"an outcome costs {newest.unit_cost:.2f} {newest.currency} in "
                    f"{newest.month:%b %Y}, {first.unit_cost:.2f} in {first.month:%b %Y}"
                )
        return found

    def _ended(self) -> Iterator[Found]:
        """What was classified, validated, assessed or accepted and no longer counts so."""
        ids = list(self.rows)
        newest = {row.key: row for row in Library.objects.filter(is_current=True)}
        judged = TierNow.objects.filter(
            initiative__in=ids, confirmed__library__is_current=False
        ).select_related("confirmed__library")
        for tier in judged.order_by("initiative_id", "scheme"):
            assert tier.confirmed is not None
            old, now = tier.confirmed.library, newest.get(tier.scheme)
            if now is not None and now.number > old.number:
                yield Found(
                    tier.initiative_id, "law",
                    f"It was classified by {old} as of {old.as_of:%d %b %Y}; what counts is as of "
                    f"{now.as_of:%d %b %Y}, version {now.number}.",
                    ref=tier.scheme,
                )  # fmt: skip
        validated = ModelValidation.objects.filter(initiative__in=ids).order_by(
            "initiative_id", "model_id", "-validated_on", "-pk"
        )
        for look in validated.distinct("initiative_id", "model_id"):
            if look.next_due_on < self.on and self._is_live(self.rows[look.initiative_id]):
                yield Found(
                    look.initiative_id, "validation",
                    f"It was validated on {look.validated_on:%d %b %Y} and was to be validated "
                    f"again by {look.next_due_on:%d %b %Y}.",
                    ref=str(look.model_id or ""),
                )  # fmt: skip
        assessed = (
            Assessment.objects.filter(initiative__in=ids)
            .exclude(state="returned")
            .order_by("initiative_id", "subject", "-number")
        )
        for paper in assessed.distinct("initiative_id", "subject").select_related("library"):
            if paper.valid_until is not None and paper.valid_until < self.on:
                yield Found(
                    paper.initiative_id, "assessment",
                    f"{paper.library} counted until {paper.valid_until:%d %b %Y} and nothing newer "
                    "was begun.",
                    ref=paper.subject,
                )  # fmt: skip
        yield from self._bias_audits(ids)
        over = Acceptance.objects.filter(
            risk__initiative__in=ids, risk__closed_at=None, risk__residual__gt=F("risk__appetite"),
            is_granted=True, ended_on=None, expires_on__lt=self.on,
        )  # fmt: skip
        for each in over.select_related("risk").order_by("risk__initiative_id", "pk"):
            yield Found(
                each.risk.initiative_id, "acceptance",
                f"“{each.risk}” was accepted until {each.expires_on:%d %b %Y} and is still above "
                "appetite.",
                ref=str(each.risk_id),
            )  # fmt: skip

    def _bias_audits(self, ids: list[uuid.UUID]) -> Iterator[Found]:
        """Bias audits that count no more or soon will not, where nothing newer is on record."""
        soon = self.on + dt.timedelta(days=int(self._limit("bias_audit_ends_days")))
        rows = BiasAudit.objects.filter(initiative__in=ids, withdrawn_on=None)
        newest = rows.order_by("initiative_id", "-expires_on", "-pk").distinct("initiative_id")
        for audit in newest:
            if audit.expires_on <= soon:
                is_over = audit.expires_on < self.on
                yield Found(
                    audit.initiative_id, "bias_audit",
                    f"The bias audit by {audit.auditor} of {audit.audited_on:%d %b %Y} "
                    f"{'counted' if is_over else 'counts'} until {audit.expires_on:%d %b %Y}; "
                    "nothing newer is on record.",
                    due_on=None if is_over else audit.expires_on,
                )  # fmt: skip

    def clocks(self) -> Iterator[Found]:
        """Give what has a clock of its own at the gates: breaches, emergencies, samples."""
        ids = list(self.rows)
        for breach in Breach.objects.filter(initiative__in=ids, mended_at=None):
            yield Found(
                breach.initiative_id, "breach", f"{breach.title}: {breach.why}",
                ref=breach.check_id, due_on=timezone.localdate(breach.due_at),
            )  # fmt: skip
        for glass in BreakGlass.objects.filter(initiative__in=ids, finding="").select_related(
            "opened_by"
        ):
            confirmed = "confirmed" if glass.confirmed_at else "not confirmed by anybody"
            yield Found(
                glass.initiative_id, "emergency",
                f"{glass.opened_by} went past the gate on {glass.opened_at:%d %b %Y} "
                f"({glass.incident}); {confirmed}.",
                ref=str(glass.pk), due_on=glass.review_due_on,
            )  # fmt: skip
        for review in AfterReview.objects.filter(
            request__initiative__in=ids, finding=""
        ).select_related("request"):
            yield Found(
                review.request.initiative_id, "sample",
                f"{review.request} was approved by who asked for it and drawn to be looked at.",
                ref=str(review.pk), due_on=review.due_on,
            )  # fmt: skip


def _drift_limit(series: Series, limits: Mapping[str, float]) -> float | None:
    """Give the limit above which a series says drift; None for other quantities."""
    name = series.key.lower()
    return next((float(limit) for word, limit in limits.items() if word in name), None)
