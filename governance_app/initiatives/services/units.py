"""Units of an inventory: found by name or code below a node, or made."""

from collections.abc import Iterable, Sequence

from governance_app.initiatives.importing.records import UnitStep
from governance_app.initiatives.importing.table import squeeze
from governance_app.people.models import ScopeNode
from governance_app.people.services import node_fields

_BATCH = 500


class UnitFinder:
    """
    Finds units step by step below one node, whatever their capitals; makes what is missing.

    Units are read once. ``make`` must have seen a way before ``unit`` is asked for it.
    """

    def __init__(self, under: ScopeNode) -> None:
        self.under = under
        self._children: dict[tuple[object, str], ScopeNode] = {}
        self._codes: dict[tuple[object, str], ScopeNode] = {}
        below = ScopeNode.objects.filter(
            path__startswith=under.path, kind=ScopeNode.Kind.UNIT
        ).order_by("path")
        for node in below:
            self._remember(node)

    def unit(self, way: Sequence[UnitStep]) -> ScopeNode:
        """Give the unit at the end of a way; the node itself when the row names none."""
        here = self.under
        for step in way:
            here = self._child(here, step) or here
        return here

    def make(self, ways: Iterable[Sequence[UnitStep]]) -> list[ScopeNode]:
        """Make the units that are missing on any of the ways, outermost first."""
        made: list[ScopeNode] = []
        levels: dict[int, list[ScopeNode]] = {}
        for way in ways:
            here = self.under
            for depth, step in enumerate(way):
                found = self._child(here, step)
                if found is None:
                    fields = node_fields(
                        ScopeNode.Kind.UNIT, squeeze(step.name), here, squeeze(step.code)
                    )
                    found = ScopeNode(**fields)
                    self._remember(found)
                    levels.setdefault(depth, []).append(found)
                    made.append(found)
                here = found
        for depth in sorted(levels):
            ScopeNode.objects.bulk_create(levels[depth], batch_size=_BATCH)
        return made

    def _child(self, parent: ScopeNode, step: UnitStep) -> ScopeNode | None:
        named = self._children.get((parent.pk, squeeze(step.name).casefold()))
        if named is not None or not step.code:
            return named
        return self._codes.get((parent.pk, squeeze(step.code).casefold()))

    def _remember(self, node: ScopeNode) -> None:
        self._children[node.parent_id, squeeze(node.name).casefold()] = node
        if node.code:
            self._codes.setdefault((node.parent_id, squeeze(node.code).casefold()), node)
