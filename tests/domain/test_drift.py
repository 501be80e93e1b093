"""A drift alarm: raised by one window, cleared by clean ones in a row, never by one between."""

from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.drift import standing

WINDOWS = st.lists(st.booleans(), max_size=30)
CLEARS = st.integers(1, 4)


@given(WINDOWS, CLEARS)
def test_a_window_in_alarm_always_leaves_one_standing(windows: list[bool], clears: int) -> None:
    alarm = standing([*windows, True], clears_after=clears)
    assert alarm is not None
    assert (alarm.last, alarm.clean) == (len(windows), 0)


@given(WINDOWS, WINDOWS, CLEARS)
def test_so_many_clean_windows_clear_whatever_came_before(
    before: list[bool], after: list[bool], clears: int
) -> None:
    ended = [*before, *[False] * clears]
    assert standing(ended, clears_after=clears) is None
    whole, alone = (
        standing(ended + after, clears_after=clears),
        standing(after, clears_after=clears),
    )
    assert (whole and (whole.longest, whole.clean)) == (alone and (alone.longest, alone.clean))


@given(WINDOWS, CLEARS)
def test_fewer_clean_windows_clear_nothing_and_keep_its_strength(
    windows: list[bool], clears: int
) -> None:
    loud = standing([*windows, True], clears_after=clears)
    quiet = standing([*windows, True, *[False] * (clears - 1)], clears_after=clears)
    assert loud is not None and quiet is not None
    assert (quiet.longest, quiet.since, quiet.clean) == (loud.longest, loud.since, clears - 1)


@given(WINDOWS, CLEARS, st.data())
def test_one_more_window_in_alarm_never_makes_it_weaker(
    windows: list[bool], clears: int, data: st.DataObject
) -> None:
    if not windows:
        return
    at = data.draw(st.integers(0, len(windows) - 1))
    louder = [is_over or place == at for place, is_over in enumerate(windows)]
    less, more = standing(windows, clears_after=clears), standing(louder, clears_after=clears)
    assert less is None or (more is not None and more.longest >= less.longest)
