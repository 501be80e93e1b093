"""Which policy counts where, in which mode, and what it says to the facts of an initiative."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from governance_app.books.selectors import setting
from governance_app.domain import gates as engine
from governance_app.domain import policy as policies
from governance_app.domain.conditions import plain
from governance_app.domain.policy import Policy
from governance_app.gates import facts as known
from governance_app.gates.models import GateRequest, PolicyVersion, UnitMode
from governance_app.initiatives.models import Initiative
from governance_app.people.permissions import PERMISSIONS

#: The permissions that a step may ask for.
DECIDING = {
    name: PERMISSIONS[name]
    for name in ("gate.team", "gate.decide", "gate.risk", "gate.finance", "value.validate")
}

NOTHING = Policy()


@dataclass(frozen=True)
class InForce:
    """The policies that count at a place: the floor, the unit's own ones, and both joined."""

    floor: PolicyVersion | None
    own: tuple[PolicyVersion, ...]
    policy: Policy

    @property
    def versions(self) -> tuple[PolicyVersion, ...]:
        """All that count, the floor first."""
        return (*((self.floor,) if self.floor else ()), *self.own)

    @property
    def digest(self) -> str:
        """Tell two sets of policies apart."""
        return "+".join(row.sha256[:20] for row in self.versions)


@dataclass(frozen=True)
class ModeNow:
    """How a place decides, since when and why; ``is_default`` when nobody chose."""

    mode: Any
    from_on: dt.date | None = None
    origin: str = "chosen"
    node_id: uuid.UUID | None = None
    reason: str = ""

    @property
    def is_default(self) -> bool:
        return self.from_on is None

    @property
    def is_probation(self) -> bool:
        return self.origin == "probation"


class Places:
    """What counts where on a day, read once for many initiatives."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self._versions: dict[str, PolicyVersion] = {
            row.node.path: row
            for row in PolicyVersion.objects.filter(state="active").select_related("node")
        }
        self._found: dict[tuple[str, ...], InForce] = {}

    @property
    def is_empty(self) -> bool:
        return not self._versions

    @cached_property
    def _modes(self) -> dict[str, UnitMode]:
        rows = UnitMode.objects.filter(from_on__lte=self.on).select_related("node")
        return {row.node.path: row for row in rows.order_by("from_on", "created_at", "pk")}

    @cached_property
    def _default(self) -> str:
        return str(setting(key="gate_default_mode", on=self.on))

    def policy_at(self, path: str) -> InForce:
        """Give the policies at a place: the organisation's first, then each unit's above it."""
        above = tuple(sorted((each for each in self._versions if path.startswith(each)), key=len))
        found = self._found.get(above)
        if found is None:
            found = self._found[above] = joined([self._versions[each] for each in above])
        return found

    def mode_at(self, path: str) -> ModeNow:
        """Give how a place decides: the nearest unit's choice, a probation above it first."""
        above = sorted((each for each in self._modes if path.startswith(each)), key=len)
        for each in above:
            if self._modes[each].origin == UnitMode.Origin.PROBATION:
                return _mode(self._modes[each])
        return _mode(self._modes[above[-1]]) if above else ModeNow(self._default)


@dataclass(frozen=True, slots=True)
class _Written:
    """A document as it is stored, told from others by its digest alone."""

    sha256: str
    document: Any = field(compare=False)


@lru_cache(maxsize=256)
def _read(written: _Written) -> Policy:
    return policies.read(written.document, known.FACTS, DECIDING)


def document_of(row: PolicyVersion) -> Policy:
    """Read the policy of a version; each document is parsed once in a process."""
    return _read(_Written(row.sha256, row.document))


@dataclass(frozen=True)
class Judged:
    """The facts of an initiative at a gate, what the policies said, and the hash it hangs on."""

    force: InForce
    mode: ModeNow
    facts: Mapping[str, Any]
    known_on: Mapping[str, dt.date]
    verdict: engine.Verdict
    facts_hash: str = field(default="")


def judge(
    *,
    initiative: Initiative,
    to_stage: str,
    on: dt.date,
    model_version: str = "",
    proposal: str = "scale",
    evidence: Collection[str] | None = None,
    evidence_on: dt.date | None = None,
    case_version: str = "",
    force: InForce | None = None,
    mode: ModeNow | None = None,
    places: Places | None = None,
) -> Judged:
    """
    Gather the facts of an initiative for a gate and evaluate what counts for it.

    Args:
        evidence: kinds attached to the request; None when there is no request.
        evidence_on: the day of the oldest of it.
        case_version: the business case a decision was made on; by default the newest one.
        force: the policies to use instead of those in force: those of a stored request.
    """
    if force is None or mode is None:
        places = places or Places(on)
        force = force or places.policy_at(initiative.node.path)
        mode = mode or places.mode_at(initiative.node.path)
    sheet = known.gather(initiatives=[initiative.pk], on=on)[initiative.pk]
    sheet.put("to_stage", to_stage)
    sheet.put("proposal", proposal)
    sheet.put("model_version", model_version)
    if case_version:
        sheet.values.pop("case_version", None)
        sheet.put(
            "case_version",
            known.case_version_held(initiative=initiative.pk, version=case_version),
        )
    if evidence is not None:
        sheet.put("evidence", sorted(set(evidence)), known_on=evidence_on)
    return judged(sheet=sheet, force=force, mode=mode, on=on)


def judged(*, sheet: known.Sheet, force: InForce, mode: ModeNow, on: dt.date) -> Judged:
    """Evaluate facts that were gathered."""
    verdict = engine.evaluate(
        force.policy, sheet.values, known.FACTS, mode=mode.mode, on=on, known_on=sheet.known_on
    )
    values = {name: plain(value) for name, value in sheet.values.items()}
    digest = engine.facts_hash(values, force.policy.material)
    return Judged(force, mode, values, dict(sheet.known_on), verdict, digest)


def force_of(request: GateRequest) -> InForce:
    """Give the policies that a request was submitted under."""
    ids = request.verdict.get("policies", [])
    found = {str(row.pk): row for row in PolicyVersion.objects.filter(pk__in=ids)}
    return joined([found[each] for each in ids])


def joined(rows: Sequence[PolicyVersion]) -> InForce:
    """Join versions, the floor first."""
    policy = NOTHING
    for row in rows:
        one = document_of(row)
        policy = one if policy is NOTHING else policies.joined(policy, one)
    return InForce(rows[0] if rows else None, tuple(rows[1:]), policy)


def judge_again(*, request: GateRequest, on: dt.date) -> Judged:
    """Judge a submitted request by its own policies and mode, on the facts of now."""
    proofs = list(request.evidence.values_list("kind", "collected_on"))
    return judge(
        initiative=request.initiative,
        to_stage=request.to_stage,
        on=on,
        model_version=request.model_version,
        proposal=request.proposal,
        evidence=[kind for kind, _ in proofs],
        evidence_on=min((day for _, day in proofs), default=None),
        case_version=(str(request.facts.get("case_version") or "") if request.decided_at else ""),
        force=force_of(request),
        mode=ModeNow(request.mode, request.created_at.date()),
    )


def _mode(row: UnitMode) -> ModeNow:
    return ModeNow(row.mode, row.from_on, row.origin, row.node_id, row.reason)
