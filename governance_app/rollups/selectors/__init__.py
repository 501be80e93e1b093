"""What pages read: figures as they are known now or were at a moment."""

from governance_app.rollups.selectors.benchmarks import (
    ENOUGH,
    Spread,
    Standing,
    benchmark_standings,
)
from governance_app.rollups.selectors.bridges import STEP_WORDS, Bridge, value_bridge
from governance_app.rollups.selectors.changes import Change, Changes, changes_since
from governance_app.rollups.selectors.deciding import (
    EFFECT,
    Deciding,
    deciding_initiatives,
    risk_levels,
)
from governance_app.rollups.selectors.fresh import figures_made_at
from governance_app.rollups.selectors.home import (
    Headline,
    MoneyHeadline,
    Shown,
    Year,
    cumulative_year,
    home_headline,
    stage_counts,
)
from governance_app.rollups.selectors.ladder import (
    LEAGUE_SORTS,
    RUNGS,
    Ladder,
    ladder,
    league,
    validated_runs,
)
from governance_app.rollups.selectors.moments import (
    Compared,
    Moment,
    compared,
    default_since,
    moment,
)
from governance_app.rollups.selectors.movers import Mover, Movers, spend_movers
from governance_app.rollups.selectors.needs import KINDS, Need, Needs, needs_you
from governance_app.rollups.selectors.passports.steps import slug_of as step_figure
from governance_app.rollups.selectors.returns import (
    Completion,
    Returns,
    Unit,
    Window,
    currencies,
    programmes,
    returns_of,
)
from governance_app.rollups.selectors.rows import (
    TableTotals,
    initiative_rows,
    scope_rows,
    table_totals,
    unit_rows,
)
from governance_app.rollups.selectors.units import UnitSpend, spend_by_unit

__all__ = [
    "EFFECT",
    "ENOUGH",
    "KINDS",
    "LEAGUE_SORTS",
    "RUNGS",
    "STEP_WORDS",
    "Bridge",
    "Change",
    "Changes",
    "Compared",
    "Completion",
    "Deciding",
    "Headline",
    "Ladder",
    "Moment",
    "MoneyHeadline",
    "Mover",
    "Movers",
    "Need",
    "Needs",
    "Returns",
    "Shown",
    "Spread",
    "Standing",
    "TableTotals",
    "Unit",
    "UnitSpend",
    "Window",
    "Year",
    "benchmark_standings",
    "changes_since",
    "compared",
    "cumulative_year",
    "currencies",
    "deciding_initiatives",
    "default_since",
    "figures_made_at",
    "home_headline",
    "initiative_rows",
    "ladder",
    "league",
    "moment",
    "needs_you",
    "programmes",
    "returns_of",
    "risk_levels",
    "scope_rows",
    "spend_by_unit",
    "spend_movers",
    "stage_counts",
    "step_figure",
    "table_totals",
    "unit_rows",
    "validated_runs",
    "value_bridge",
]
