"""The pages of connections are full in the demo, and loading twice is loading once."""

from collections import Counter

import pytest
from django.utils import timezone

from governance_app.connectors import selectors
from governance_app.connectors.models import (
    Connection,
    InboundEvent,
    InboundMinute,
    InboundToken,
    MappingRule,
    SeatCount,
    Stray,
    StrayReading,
    SyncRun,
    WorkItem,
)
from governance_app.inventory.models import Flow, ModelAsset, ModelLink
from governance_app.people.services import system_user
from governance_app.readings.models import Point
from portfolio.demo import company, feeds, load
from portfolio.demo.showcase import SHOWCASES

pytestmark = pytest.mark.django_db

KINDS = (
    Connection, InboundEvent, InboundMinute, InboundToken, MappingRule, SeatCount, Stray,
    StrayReading, SyncRun, WorkItem, Flow, ModelAsset, ModelLink, Point,
)  # fmt: skip


class Quiet:
    """Nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None: ...

    def advance(self, rows: int, total: int | None = None) -> None: ...


def counts() -> Counter[str]:
    return Counter({kind.__name__: kind.objects.count() for kind in KINDS})


def test_every_page_has_something_to_show_and_twice_is_once() -> None:
    by, job = system_user("demo"), Quiet()
    story = company.build(as_of=timezone.localdate(), initiatives=len(SHOWCASES))
    load.set_up(by=by)
    load.load_people(story, job=job, by=by)
    load.load_register(story, job=job, by=by)
    feeds.load_feeds(story, job=job, by=by)

    seats = selectors.seats(viewer=by)
    assert {each.count.product for each in seats} == {product for _, product, *_ in feeds.SEATS}
    assert all(each.comes_back and len(each.history) == feeds.WEEKS for each in seats)
    waiting = selectors.strays(viewer=by)
    assert {row.kind for row in waiting} == {"readings", "job", "item"}
    asked = selectors.asked(strays=list(waiting), viewer=by)
    assert any(each.guesses for each in asked) and any(not each.guesses for each in asked)
    unmanaged = {row.name for row in selectors.unmanaged_models(viewer=by)}
    assert set(feeds.SHADOW) < unmanaged
    assert {row.origin for row in ModelLink.objects.filter(ended_at=None)} >= {"tag", "rule"}
    uses = selectors.tokens(viewer=by)
    assert len(uses) == 3 and all(use.calls == feeds.CALLS_A_TOKEN for use in uses)
    assert not SyncRun.objects.exclude(state="done").exists()
    assert not any(row.connection.every_seconds for row in selectors.connections(viewer=by))

    before = counts()
    feeds.load_feeds(story, job=job, by=by)
    assert counts() == before
