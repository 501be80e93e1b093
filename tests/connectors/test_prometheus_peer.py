"""A real Prometheus over samples of the past."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from portfolio.bench.peers import Server
from tests.connectors.program import Program
from tests.connectors.reaching import Reaching
from tests.servers.clouds import prometheus

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

DAYS = {
    dt.date(2026, 11, 18): (100, 141),
    dt.date(2026, 11, 19): (118, 118),
    dt.date(2026, 11, 20): (0.1, 0.2),
}


def samples() -> str:
    """Write samples twice a day, in the text format that exporters answer with."""
    lines = ["# TYPE latency_ms gauge"]
    for day, (morning, evening) in DAYS.items():
        for hour, value in ((6, morning), (18, evening)):
            moment = dt.datetime.combine(day, dt.time(hour), dt.UTC)
            lines.append(f'latency_ms{{job="claims"}} {value} {moment.timestamp():.0f}')
    lines.append("# TYPE requests gauge")
    for job in ("claims", "churn"):
        moment = dt.datetime(2026, 11, 19, 12, tzinfo=dt.UTC)
        lines.append(f'requests{{job="{job}"}} 40012 {moment.timestamp():.0f}')
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), samples()) as running:
        yield running


def source(server: Server, queries: str) -> Reaching:
    return Reaching("prometheus", server, settings={"address": server.url, "queries": queries})


def test_an_expression_gives_one_value_a_day(server: Server) -> None:
    asked = source(server, 'AI-7 latency = avg_over_time(latency_ms{job="claims"}[1d])')
    assert all(check.is_ok for check in asked.plugin.test(asked.errand()))
    program = Program()
    program.run(asked)
    assert program.refused == []
    assert program.readings == {
        ("AI-7", "latency", dt.date(2026, 11, 18)): Decimal("120.5"),
        ("AI-7", "latency", dt.date(2026, 11, 19)): Decimal(118),
        ("AI-7", "latency", dt.date(2026, 11, 20)): Decimal("0.15000000000000002"),
    }
    again = program.run(asked)
    days = [each.reading.period_on for batch in again for each in batch.records]
    assert min(days) == dt.date(2026, 11, 18), "the last week is asked again"


def test_several_series_are_refused_by_name(server: Server) -> None:
    asked = source(server, "AI-7 requests = sum_over_time(requests[1d])")
    program = Program()
    program.run(asked)
    assert program.refused == ["It answers 2 series; sum or filter them to one."]
    assert program.readings == {}


def test_zero_over_zero_is_no_value(server: Server) -> None:
    asked = source(server, "AI-7 share = (sum(requests) or vector(0)) * 0 / vector(0)")
    program = Program()
    program.run(asked)
    assert (program.refused, program.readings) == ([], {})


def test_what_is_no_expression_is_told_in_its_own_words(server: Server) -> None:
    asked = source(server, "AI-7 x = avg_over_time(latency_ms)")
    [check] = asked.plugin.test(asked.errand())
    assert not check.is_ok and "range vector" in check.sentence
