import datetime as dt

import pytest

from governance_app.jobs import services
from governance_app.jobs.clock import database_now
from governance_app.jobs.models import Answer
from governance_app.jobs.tasks import tick

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_tick_forgets_answers_after_their_time(admin: object) -> None:
    for key, hours in (("old", 25), ("fresh", 23)):
        services.answer_once(
            key=key, route="/x/", digest="d", answer=lambda: (201, {"id": 1}), by=admin
        )
        Answer.objects.filter(key=key).update(at=database_now() - dt.timedelta(hours=hours))
    tick()
    assert list(Answer.objects.values_list("key", flat=True)) == ["fresh"]
    status, _, is_again = services.answer_once(
        key="old", route="/y/", digest="other", answer=lambda: (200, None), by=admin
    )
    assert (status, is_again) == (200, False)
