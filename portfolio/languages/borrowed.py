"""Words of the program that pages say in the viewer's language: names of stages, states, levels."""

import calendar
from collections.abc import Iterator

from django.apps import apps

from governance_app.books.models import AccountingMonth
from governance_app.books.settings_known import KNOWN
from governance_app.connectors import selectors as connectors
from governance_app.connectors.base import Brings
from governance_app.domain.conditions import ALWAYS, OPERATORS
from governance_app.domain.forecast import METHODS
from governance_app.domain.modes import CRITERIA
from governance_app.domain.policy import MODES
from governance_app.domain.risk import CATEGORIES, LEVELS, NOT_ASSESSED, SIGNAL_KINDS
from governance_app.domain.stages import STAGES
from governance_app.exports.sheets import SHEETS
from governance_app.gates.selectors import DECIDING, FACTS, OUTCOMES
from governance_app.initiatives import choices
from governance_app.initiatives.cells import CELLS
from governance_app.initiatives.importing.fields import FIELDS as FIELDS_READ
from governance_app.initiatives.selectors.detail import ROLES as OWNERS
from governance_app.initiatives.selectors.register import LABELS
from governance_app.notices.kinds import KINDS as NOTICES
from governance_app.notices.kinds import OTHER
from governance_app.people.permissions import PERMISSIONS
from governance_app.people.roles import ROLES
from governance_app.rollups.selectors.bridges import STEP_WORDS
from governance_app.rollups.selectors.deciding import EFFECT
from governance_app.rollups.selectors.ladder import RUNGS
from governance_app.rollups.selectors.needs import ACTIONS, KINDS
from governance_app.spend.coding import DIMENSIONS as CODED_BY
from governance_app.spend.coding import FIELDS
from governance_app.spend.models import Load
from governance_app.spend.selectors import BASES, COMPARED_BY, DIMENSIONS, RULE_DIMENSIONS
from governance_app.spend.selectors.close import ORIGINS
from governance_app.spend.selectors.close.invoicing import STATUSES
from governance_app.value.choices import (
    BENCHMARKS,
    BENEFIT_TYPES,
    COST_CATEGORIES,
    COUNTERFACTUALS,
)
from portfolio.web.close.costs import CATEGORIES as COSTS
from portfolio.web.portfolio.asked import GROUPS, SHAPES

PROGRAM = "governance_app."


def texts() -> Iterator[str]:
    """Give each word once."""
    yield from dict.fromkeys(
        (
            *(stage.name for stage in STAGES),
            *(stage.slug for stage in STAGES),
            *(cell.label for cell in CELLS.values()),
            *choices.STATUSES.values(),
            *choices.KINDS.values(),
            *choices.AI_TYPES.values(),
            *choices.DEPLOYMENT_TARGETS.values(),
            *choices.SOURCINGS.values(),
            *choices.RISK_FLAGS.values(),
            *choices.DATA_CLASSES.values(),
            *LABELS.values(),
            *(words.lower() for words in LABELS.values()),
            *SHAPES.values(),
            *(words for words, _column in GROUPS.values()),
            *LEVELS.values(),
            NOT_ASSESSED,
            *(words.lower() for words in (*LEVELS.values(), NOT_ASSESSED, *CATEGORIES.values())),
            *(kind.name for kind in SIGNAL_KINDS.values()),
            *KINDS.values(),
            *(words for words, _anchor, _role in ACTIONS.values()),
            EFFECT,
            *RUNGS,
            *(words.lower() for words in COUNTERFACTUALS.values()),
            *STEP_WORDS.values(),
            *(words.lower() for words in STEP_WORDS.values()),
            *BASES.values(),
            *(dimension.title for dimension in DIMENSIONS.values()),
            *(dimension.title.lower() for dimension in DIMENSIONS.values()),
            "Unallocated",
            "Other",
            *(role.name for role in ROLES.values()),
            *(role.sentence for role in ROLES.values()),
            *(role.name.lower() for role in ROLES.values()),
            *PERMISSIONS.values(),
            *(kind.title for kind in (*NOTICES.values(), OTHER)),
            *(kind.sentence for kind in (*NOTICES.values(), OTHER)),
            *(sheet.title for sheet in SHEETS.values()),
            *(sheet.about() for sheet in SHEETS.values()),
            *OWNERS.values(),
            *calendar.month_name[1:],
            *calendar.month_abbr[1:],
            *_choices(),
            *_of_money(),
            *_of_sources(),
            *(known.meaning for known in KNOWN.values()),
            *BENCHMARKS.values(),
            *(each.split(":")[0] for each in (*BENEFIT_TYPES.values(), *COST_CATEGORIES.values())),
            *METHODS,
            *(words.value for words in Brings),
            *_of_gates(),
            *(field.label for field in FIELDS_READ.values()),
            *(field.group for field in FIELDS_READ.values()),
        )
    )


def _of_sources() -> Iterator[str]:
    """Give what each source that can be connected is called, brings and asks for."""
    for offer in connectors.catalogue():
        yield from (offer.title, offer.summary)
        kind = connectors.plugin(name=offer.name)
        for setting in kind.settings if kind else ():
            yield from (setting.title, *filter(None, (setting.help,)))


def _of_gates() -> Iterator[str]:
    """Give what policies are written in: facts with their choices, how they are asked, who."""
    for fact in FACTS.values():
        yield fact.title
        yield fact.title if fact.title[:2].isupper() else fact.title[:1].lower() + fact.title[1:]
        for words in fact.choices.values():
            yield from (words, words.lower())
    for asked in (*OPERATORS.values(), ALWAYS):
        yield from asked.values()
    for words in (*MODES.values(), *CRITERIA.values()):
        yield from (words, words.lower())
    for words in DECIDING.values():
        yield from (words, words.capitalize())
    yield from OUTCOMES.values()
    yield from ("central", "text", "number", "flag", "list", "block", "escalate", "warn")


def _of_money() -> Iterator[str]:
    """Give the words of bills, rules and books that are values of their own."""
    yield from (words.lower() for words in AccountingMonth.State.labels)
    yield from ORIGINS.values()
    yield from (words.lower() for words in ORIGINS)
    yield from (words for words, _may_close in STATUSES.values())
    yield from (title for title, *_columns in COMPARED_BY.values())
    yield from RULE_DIMENSIONS
    yield from CODED_BY
    yield from (name.replace("_", " ") for name in (*FIELDS, "payer"))
    yield from COSTS
    yield from Load.State.values
    yield from (
        "(not stated)",
        "No commitment",
        "final",
        "accrued",
        "provisional",
        "missing",
        "unit",
        "tag",
        "model",
    )


def _choices() -> Iterator[str]:
    """Give what every column that offers a choice calls its choices."""
    for model in apps.get_models():
        if model.__module__.startswith(PROGRAM):
            for field in model._meta.fields:
                yield from (str(words) for _value, words in field.flatchoices)
