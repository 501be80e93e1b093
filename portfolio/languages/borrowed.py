"""Words of the program that pages say in the viewer's language: names of stages, states, levels."""

from collections.abc import Iterator

from governance_app.domain.risk import LEVELS, NOT_ASSESSED
from governance_app.domain.stages import STAGES
from governance_app.initiatives import choices
from governance_app.initiatives.selectors.register import LABELS
from governance_app.rollups.selectors.deciding import EFFECT
from governance_app.rollups.selectors.needs import ACTIONS, KINDS
from portfolio.web.portfolio.asked import GROUPS, SHAPES
from portfolio.web.portfolio.columns import COLUMNS


def texts() -> Iterator[str]:
    """Give each word once."""
    yield from dict.fromkeys(
        (
            *(stage.name for stage in STAGES),
            *choices.STATUSES.values(),
            *choices.KINDS.values(),
            *choices.AI_TYPES.values(),
            *choices.DEPLOYMENT_TARGETS.values(),
            *choices.SOURCINGS.values(),
            *choices.RISK_FLAGS.values(),
            *choices.DATA_CLASSES.values(),
            *LABELS.values(),
            *SHAPES.values(),
            *(words for words, _column in GROUPS.values()),
            *(column.label for column in COLUMNS),
            *(column.help for column in COLUMNS if column.help),
            *LEVELS.values(),
            NOT_ASSESSED,
            *KINDS.values(),
            *(words for words, _anchor, _role in ACTIONS.values()),
            EFFECT,
        )
    )
