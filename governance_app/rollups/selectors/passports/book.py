"""Opening a passport: whose figure it is, and whether the viewer may see it."""

import datetime as dt
import uuid

from governance_app.domain.phrases import phrase
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.selectors import home
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import cases as case_papers
from governance_app.rollups.selectors.passports import catalogue
from governance_app.rollups.selectors.passports import chances as chance_papers
from governance_app.rollups.selectors.passports import emissions as emission_papers
from governance_app.rollups.selectors.passports import initiative as initiative_papers
from governance_app.rollups.selectors.passports import returns as returns_papers
from governance_app.rollups.selectors.passports import scope as scope_papers
from governance_app.rollups.selectors.passports import standings as standing_papers
from governance_app.rollups.selectors.passports import steps as step_papers
from governance_app.rollups.selectors.passports.papers import Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject


def passport(*, figure: str, subject: str, viewer: User, as_of: Moment) -> Passport:
    """
    Give where a figure comes from.

    Args:
        figure: a slug of the catalogue: ``spend_year``, ``roi_validated``, ``risk_level``.
        subject: an initiative's key, a node's id or ``portfolio`` (all the viewer sees); one
            month of it with ``@2026-10`` behind. A figure of a business case or of a run of
            chance is asked for with the id of the version or the run; one drawn for an
            initiative with its key, and ``~5`` behind it for another seed than 1.

    Raises:
        NoPassport: an unknown figure, or a subject that the viewer cannot see.
        Refused: a money figure, and the viewer may not see money there.
    """
    if case_papers.is_known(figure):
        return case_papers.passport_of(figure, subject, viewer, as_of)
    if chance_papers.is_known(figure):
        return _chance(figure, subject, viewer, as_of)
    if emission_papers.is_known(figure):
        return emission_papers.passport_of(figure, _subject(subject, viewer), viewer, as_of)
    if standing_papers.is_known(figure):
        about = _subject(subject, viewer)
        _require_money(viewer, about)
        return standing_papers.passport_of(figure, about, viewer, as_of)
    if returns_papers.is_known(figure) and not _is_kept(figure, subject):
        about = _subject(subject, viewer)
        _require_money(viewer, about)
        return returns_papers.passport_of(figure, about, viewer, as_of)
    if step_papers.is_known(figure):
        about = _subject(subject, viewer)
        _require_money(viewer, about)
        return step_papers.passport_of(figure, about, viewer, as_of)
    if not catalogue.is_known(figure):
        raise NoPassport(f"There is no figure called {figure!r}.")
    about = _subject(subject, viewer)
    if catalogue.is_money(figure):
        _require_money(viewer, about)
    if about.initiative is not None:
        return initiative_papers.passport_of(figure, about, about.initiative, as_of)
    return scope_papers.passport_of(figure, about, viewer, as_of)


def _chance(figure: str, subject: str, viewer: User, at: Moment) -> Passport:
    try:
        uuid.UUID(subject)
    except ValueError:
        name, _, seed = subject.partition("~")
        about = _subject(name, viewer)
        _require_money(viewer, about)
        if seed and not (seed.isdecimal() and len(seed) < 10):
            raise NoPassport(f"{seed!r} is no seed.") from None
        return chance_papers.passport_of(figure, about, viewer, at, seed=int(seed or 1))
    return chance_papers.passport_of_run(figure, subject, viewer, at)


def _is_kept(figure: str, subject: str) -> bool:
    """Tell whether a return stands in the kept figures: of one initiative, or the headline."""
    if figure == "roi_validated":
        return True
    try:
        uuid.UUID(subject.partition("@")[0])
    except ValueError:
        return subject.partition("@")[0] != home.WHOLE and catalogue.return_of(figure) is not None
    return False


def _subject(text: str, viewer: User) -> Subject:
    name, _, month_text = text.partition("@")
    month = None
    if month_text:
        try:
            month = dt.date.fromisoformat(f"{month_text}-01")
        except ValueError:
            raise NoPassport(f"{month_text!r} is no month; write it like 2026-10.") from None
    if name == home.WHOLE:
        return Subject(text, phrase("Everything you may see"), month=month)
    try:
        node = ScopeNode.objects.visible_to(viewer).filter(pk=uuid.UUID(name)).first()
    except ValueError:
        seen = Initiative.objects.visible_to(viewer).select_related("node")
        initiative = seen.filter(key=name).first()
        if initiative is not None:
            return Subject(text, str(initiative), initiative=initiative, month=month)
        node = None
    if node is None:
        raise NoPassport(f"There is nothing called {name!r} that you may see.")
    return Subject(text, node.name, node=node, month=month)


def _require_money(viewer: User, about: Subject) -> None:
    if about.initiative is not None:
        access.require(viewer, "money.view", about.initiative)
    elif not access.can_anywhere(viewer, "money.view"):
        access.require(viewer, "money.view", about.node)
