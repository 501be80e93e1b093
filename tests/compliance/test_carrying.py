"""What a framework says about another carries over any number of steps, and never says too much."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.compliance import standing
from governance_app.compliance.models import Library, Mapping
from governance_app.compliance.standing import Known

pytestmark = pytest.mark.django_db

UNTIL = dt.date(2027, 1, 1)
MET = Known("met", "Tested.", UNTIL)
PARTLY = Known("partly", "In place.", UNTIL)


@pytest.fixture
def chain(libraries: Any) -> Any:
    """Lay mappings a -> b -> c -> d of given relations; the shipped ones are put aside."""
    Mapping.objects.all().delete()
    library = Library.objects.filter(is_current=True, key="iso-42001").get()

    def lay(*relations: str) -> None:
        names = "abcdefgh"
        for place, relation in enumerate(relations):
            key = library.key if place == 0 else "iso-42001"
            Mapping.objects.create(
                library=library, ref=names[place], other_key=key, other_ref=names[place + 1],
                relation=relation,
            )  # fmt: skip

    return lay


def carried(start: Known) -> dict[str, str]:
    found = standing._carried_over({("iso-42001", "a"): start})
    return {ref: known.state for (_, ref), known in sorted(found.items())}


def test_what_is_met_stays_met_over_steps_that_ask_the_same_or_less(chain: Any) -> None:
    chain("superset", "equal", "superset")
    assert carried(MET) == {"b": "met", "c": "met", "d": "met"}


def test_a_step_in_part_is_taken_once(chain: Any) -> None:
    chain("intersects", "equal", "intersects")
    assert carried(MET) == {"b": "partly", "c": "partly"}


def test_what_is_partly_known_reaches_its_other_names_and_one_step_more(chain: Any) -> None:
    chain("equal", "superset", "superset")
    assert carried(PARTLY) == {"b": "partly", "c": "partly"}


def test_a_better_way_round_wins(chain: Any) -> None:
    chain("intersects", "equal")
    library = Library.objects.get(is_current=True, key="iso-42001")
    Mapping.objects.create(
        library=library, ref="a", other_key="iso-42001", other_ref="c", relation="equal"
    )
    assert carried(MET) == {"b": "met", "c": "met"}


def test_the_way_is_told_and_the_day_stays(chain: Any) -> None:
    chain("equal", "equal")
    found = standing._carried_over({("iso-42001", "a"): MET})
    told = found["iso-42001", "c"]
    assert (told.because, told.until) == (
        "By iso-42001 b: By iso-42001 a: Tested.", UNTIL,
    )  # fmt: skip


def test_what_is_known_directly_is_not_written_over(chain: Any) -> None:
    chain("equal", "equal")
    gap = Known("gap", "Not in place.")
    found = standing._carried_over({("iso-42001", "a"): MET, ("iso-42001", "b"): gap})
    assert found == {}


relations = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from("abcdef"),
        st.sampled_from(["equal", "superset", "subset", "intersects"]),
    ),
    max_size=12,
)  # fmt: skip


@given(rows=relations, state=st.sampled_from(["met", "partly"]))
def test_rings_end_and_nothing_gets_better_on_the_way(
    rows: list[tuple[str, str, str]], state: str
) -> None:
    edges: dict[Any, list[Any]] = {}
    for one, other, relation in rows:
        equal = relation == "equal"
        edges.setdefault(("x", one), []).append(
            standing._Edge(("x", other), equal, equal or relation == "superset")
        )
        edges.setdefault(("x", other), []).append(
            standing._Edge(("x", one), equal, equal or relation == "subset")
        )
    known = Known(state, "Known.")  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "_edges", lambda: edges)
        found = standing._carried_over({("x", "a"): known})
    assert ("x", "a") not in found
    if state == "partly":
        assert all(each.state == "partly" for each in found.values())
