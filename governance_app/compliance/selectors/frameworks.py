"""How far frameworks are covered: by framework, by unit, by requirement."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from governance_app.compliance.models import Library, Mapping, Node, NodeStanding
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User

STATES = ("met", "partly", "gap", "na")


@dataclass(frozen=True, slots=True)
class Covered:
    """
    Counts of requirements by where they stand. What nobody knows is counted as unknown.

    ``total`` is requirements x initiatives.
    """

    total: int
    met: int = 0
    partly: int = 0
    gap: int = 0
    na: int = 0

    @property
    def unknown(self) -> int:
        """How many nobody knows of."""
        return max(0, self.total - self.met - self.partly - self.gap - self.na)

    @property
    def applicable(self) -> int:
        """How many apply as far as anybody knows."""
        return self.total - self.na

    @property
    def met_ratio(self) -> float | None:
        """The share met of what applies; None when nothing does."""
        return self.met / self.applicable if self.applicable else None


@dataclass(frozen=True, slots=True)
class FrameworkCoverage:
    """A framework and how far it is covered by so many initiatives."""

    library: Library
    initiatives: int
    covered: Covered


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """A unit and how far a framework is covered in it."""

    unit: ScopeNode
    initiatives: int
    covered: Covered


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A node of a framework in its tree; ``covered`` is None for a heading."""

    node: Node
    depth: int
    covered: Covered | None
    mapped: tuple[str, ...] = field(default=())


def libraries(*, viewer: User, kind: str = "") -> QuerySet[Library]:
    """Give the current libraries by kind and name."""
    found = Library.objects.visible_to(viewer).filter(is_current=True)
    if kind:
        found = found.filter(kind=kind)
    return found.select_related("file", "loaded_by").order_by("kind", "name", "pk")


def library(*, viewer: User, key: str) -> Library | None:
    """Give the current version of a library, or None."""
    return libraries(viewer=viewer).filter(key=key).first()


def versions(*, viewer: User, key: str) -> QuerySet[Library]:
    """Give every version of a library, newest first."""
    found = Library.objects.visible_to(viewer).filter(key=key)
    return found.select_related("loaded_by").order_by("-number")


def covered_initiatives(*, viewer: User, unit: ScopeNode | None = None) -> QuerySet[Initiative]:
    """Give the initiatives that coverage counts: not retired, no portfolios or programmes."""
    found = Initiative.objects.visible_to(viewer).active().filter(kind="initiative")
    return found.below(unit) if unit is not None else found


def coverage(
    *, viewer: User, frameworks: Iterable[Library], unit: ScopeNode | None = None
) -> list[FrameworkCoverage]:
    """Give how far each of the frameworks that have requirements is covered, in two queries."""
    count = covered_initiatives(viewer=viewer, unit=unit).count()
    rows = _standings(viewer, unit).order_by().values("framework", "state")
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows.annotate(count=Count("*")):
        sums[row["framework"]][row["state"]] = row["count"]
    return [
        FrameworkCoverage(row, count, Covered(row.nodes_total * count, **sums.get(row.key, {})))
        for row in frameworks
        if row.nodes_total
    ]


def coverage_by_unit(*, viewer: User, library: Library) -> list[UnitCoverage]:
    """Give how far a framework is covered in each unit, in two queries; largest units first."""
    counts = dict(
        covered_initiatives(viewer=viewer)
        .order_by()
        .values_list("unit_id")
        .annotate(count=Count("pk"))
    )
    rows = _standings(viewer, None).filter(framework=library.key).order_by()
    sums: dict[object, dict[str, int]] = defaultdict(dict)
    for row in rows.values("initiative__unit_id", "state").annotate(count=Count("*")):
        sums[row["initiative__unit_id"]][row["state"]] = row["count"]
    units = ScopeNode.objects.in_bulk(list(counts))
    found = [
        UnitCoverage(units[unit], count, Covered(library.nodes_total * count, **sums.get(unit, {})))
        for unit, count in counts.items()
    ]
    return sorted(found, key=lambda each: (-each.initiatives, each.unit.name))


def node_lines(
    *,
    viewer: User,
    library: Library,
    initiative: Initiative | None = None,
    unit: ScopeNode | None = None,
) -> list[NodeLine]:
    """Give the tree of a framework with counts at each requirement, in four queries."""
    if initiative is not None:
        count = 1
    else:
        count = covered_initiatives(viewer=viewer, unit=unit).count()
    standings = _standings(viewer, unit).filter(framework=library.key)
    if initiative is not None:
        standings = standings.filter(initiative=initiative)
    sums: dict[str, dict[str, int]] = defaultdict(dict)
    for row in standings.order_by().values("ref", "state").annotate(count=Count("*")):
        sums[row["ref"]][row["state"]] = row["count"]
    mapped: dict[str, list[str]] = defaultdict(list)
    for ref, key, other in Mapping.objects.filter(library=library).values_list(
        "ref", "other_key", "other_ref"
    ):
        mapped[ref].append(f"{key} {other}")
    depths: dict[object, int] = {}
    lines = []
    for node in Node.objects.filter(library=library).order_by("place"):
        depth = depths.get(node.parent_id, -1) + 1
        depths[node.pk] = depth
        covered = Covered(count, **sums.get(node.ref, {})) if node.is_assessable else None
        lines.append(NodeLine(node, depth, covered, tuple(mapped.get(node.ref, ()))))
    return lines


def standings(
    *, viewer: User, initiative: Initiative, framework: str = ""
) -> QuerySet[NodeStanding]:
    """Give what is known of the requirements of an initiative, and why."""
    found = NodeStanding.objects.visible_to(viewer).filter(initiative=initiative)
    if framework:
        found = found.filter(framework=framework)
    return found.order_by("framework", "ref")


def _standings(viewer: User, unit: ScopeNode | None) -> QuerySet[NodeStanding]:
    found = NodeStanding.objects.visible_to(viewer)
    if unit is not None:
        found = found.filter(initiative__node__path__startswith=unit.path)
    return found
