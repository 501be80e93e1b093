"""What the field aims at: dated, sourced, editable; a band to show, no fact about anybody."""

import datetime as dt
from decimal import Decimal

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import Benchmark


@recorded
def set_benchmark(
    *,
    key: str,
    from_on: dt.date,
    low: Decimal,
    source: str,
    read_on: dt.date,
    by: User,
    high: Decimal | None = None,
) -> Benchmark:
    """
    Say what the field aims at from a day on, and who said so.

    Raises:
        Sentence: an unknown figure, no source, or a band that does not rise.
    """
    access.require(by, "settings.edit")
    if key not in choices.BENCHMARKS:
        raise Sentence(f"A benchmark is one of {', '.join(choices.BENCHMARKS)}.")
    if not source.strip():
        raise Sentence("Name the source: a benchmark without one is nobody's.")
    if not low.is_finite() or not 0 <= low <= 10:
        raise Sentence("The lower end lies between 0 % and 1,000 %.")
    if high is not None and (not high.is_finite() or not low <= high <= 10):
        raise Sentence("The upper end is not below the lower one.")
    fields = {"low": low, "high": high, "source": source.strip()[:500], "read_on": read_on}
    row = Benchmark.objects.filter(key=key, from_on=from_on).first()
    if row is None:
        return Benchmark.objects.create(key=key, from_on=from_on, **fields)
    save_changes(row, **fields)
    return row
