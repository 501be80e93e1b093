"""The steps that measure governance do what their names say, at a size that a test can pay."""

from typing import Any

import pytest
from django.urls import clear_url_caches

from portfolio import urls
from portfolio.bench import governance, governing

pytestmark = pytest.mark.django_db
COUNT = 20


@pytest.fixture
def opened(settings: Any) -> Any:
    """Put back what the step of pages changes in its own process."""
    before = list(urls.urlpatterns)
    settings.STORAGES, settings.ALLOWED_HOSTS = settings.STORAGES, settings.ALLOWED_HOSTS
    yield
    urls.urlpatterns[:] = before
    clear_url_caches()


def test_all_are_judged_then_none_then_those_that_changed(opened: Any) -> None:
    governing.fill(initiatives=COUNT)
    first = governing.look()
    assert (first["looked"], first["judged"]) == (COUNT, COUNT)
    assert first["not_green"] == COUNT // 10
    assert governing.look()["judged"] == 0
    moved = governing.move(share=0.1)["moved"]
    assert moved == COUNT // 10
    assert governing.look()["judged"] == moved
    assert len(governing.verdicts(count=3)["each"]) == 3
    told = governing.pages(addresses=list(governance.PAGES.values()), times=2)["each"]
    assert set(told) == {"sentence", *governance.PAGES.values()}
    assert all(len(each) == 2 for each in told.values())
