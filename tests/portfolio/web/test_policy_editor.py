"""The form in which policies are written: nothing is lost on the way, nothing half-said is kept."""

import json
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import policy as policies
from governance_app.domain.conditions import ALWAYS, OPERATORS, holds, parse
from governance_app.gates import selectors
from governance_app.gates.models import PolicyVersion
from governance_app.gates.starting import starter
from portfolio.web.governance.editing import changing
from portfolio.web.governance.editing.typed import (
    Typed,
    Unfinished,
    document_of,
    from_document,
    from_post,
)
from tests.gates.world import World

WRITE = "/governance/policies/write/"
TRY = "/governance/policies/try/"


@pytest.fixture
def world(organisation: Any, unit: Any, person: Any, admin: Any) -> World:
    made = World.make(organisation, unit, person, admin)
    made.start()
    return made


def as_(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return str(response.content.decode())


def sent(typed: Typed, **more: str) -> dict[str, Any]:
    """Give the fields a browser sends for a form."""
    found: dict[str, Any] = dict(more)

    def put(value: Any, at: str) -> None:
        if isinstance(value, dict):
            for name, inside in value.items():
                put(inside, f"{at}.{name}" if at else name)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for place, inside in enumerate(value):
                put(inside, f"{at}.{place}")
        elif isinstance(value, bool):
            if value:
                found[at] = "yes"
        elif value != []:
            found[at] = value

    put(typed, "")
    return found


def post_of(typed: Typed) -> Typed:
    data = QueryDict(mutable=True)
    for name, value in sent(typed).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return from_post(data)


def laid_out() -> Typed:
    given_ = starter()
    return from_document(given_["document"], given_["examples"]) | {
        "title": "Recommended gates", "reason": "", "version": "",
    }  # fmt: skip


def read(document: Any) -> policies.Policy:
    return policies.read(document, selectors.FACTS, selectors.DECIDING)


# --- the round trip -----------------------------------------------------------------------------


def test_the_recommended_policy_survives_the_form_whole() -> None:
    document, examples = document_of(post_of(laid_out()), selectors.FACTS)
    assert read(document) == read(starter()["document"])
    assert examples == starter()["examples"]


def leaf(name: str) -> st.SearchStrategy[dict[str, Any]]:
    spec = selectors.FACTS[name]
    values: st.SearchStrategy[Any] = {
        "flag": st.booleans(),
        "number": st.integers(0, 50),
        "text": st.sampled_from(list(spec.choices) or ["pilot", "production"]),
        "list": st.lists(st.sampled_from(list(spec.choices) or ["x"]), min_size=1, unique=True),
    }[spec.kind]
    several = st.lists(
        st.sampled_from(list(spec.choices) or ["pilot", "production"]), min_size=1, unique=True
    )

    def made(op: str) -> st.SearchStrategy[dict[str, Any]]:
        if op in ALWAYS:
            return st.just({"fact": name, "op": op})
        value = several if op in ("in", "not_in") else values
        return value.map(lambda value: {"fact": name, "op": op, "value": value})

    return st.sampled_from([*OPERATORS[spec.kind], *ALWAYS]).flatmap(made)


names = st.sampled_from(["to_stage", "autonomy", "risks", "business_owner", "data_classes"])
conditions = st.recursive(
    names.flatmap(leaf),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "to_stage": st.sampled_from(["pilot", "production"]),
        "autonomy": st.sampled_from(list(selectors.FACTS["autonomy"].choices)),
        "risks": st.integers(0, 50),
        "business_owner": st.booleans(),
        "data_classes": st.lists(st.sampled_from(list(selectors.FACTS["data_classes"].choices))),
    },
)


@given(condition=conditions, known=facts)
def test_any_condition_means_the_same_after_the_form(
    condition: dict[str, Any], known: dict[str, Any]
) -> None:
    rule = {"id": "r", "title": "R", "when": condition}
    try:
        before = parse(condition, selectors.FACTS)
    except policies.Sentence:
        return  # too deep for the engine, so it cannot be kept either
    document, _ = document_of(
        post_of(from_document({"rules": [rule]}, [])), selectors.FACTS
    )  # fmt: skip
    after = parse(document["rules"][0]["when"], selectors.FACTS)
    assert holds(before, known, selectors.FACTS) == holds(after, known, selectors.FACTS)


def test_a_check_that_says_nothing_never_becomes_one_that_always_passes() -> None:
    typed = laid_out()
    typed["rules"][1]["checks"][0]["must"]["parts"] = []
    with pytest.raises(Unfinished, match="say what must hold"):
        document_of(typed, selectors.FACTS)
    changing.change(typed, "add-row:rules.1.checks.0.must")
    with pytest.raises(Unfinished, match="choose a fact, or take the row out"):
        document_of(typed, selectors.FACTS)


def test_rows_are_added_moved_copied_and_removed_by_their_path() -> None:
    typed = laid_out()
    ids = [rule["id"] for rule in typed["rules"]]
    changing.change(typed, "down:rules.0")
    changing.change(typed, "remove:rules.3")
    assert [rule["id"] for rule in typed["rules"]] == [ids[1], ids[0], ids[2]]
    changing.change(typed, "copy:rules.0")
    changing.change(typed, "add-check:rules.1")
    changing.change(typed, "remove:rules.99")
    changing.change(typed, "remove:nothing.here")
    assert typed["rules"][1]["id"] == "" and typed["rules"][1]["checks"][-1]["title"] == ""
    assert all(check["id"] == "" for check in typed["rules"][1]["checks"])


def test_new_rows_get_names_of_their_own() -> None:
    typed = laid_out()
    changing.change(typed, "copy:rules.1")
    document, _ = document_of(typed, selectors.FACTS)
    assert len({rule["id"] for rule in document["rules"]}) == len(document["rules"])
    read(document)


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_form_shows_the_floor_locked_to_a_unit(client: Client, world: World) -> None:
    page = text(as_(client, world.officer).get(WRITE, {"node": str(world.unit.pk)}))
    assert "Floor: version 1 of" in page
    assert "locked" in page
    assert 'name="rules.0.title"' not in page


@pytest.mark.django_db
def test_a_policy_is_built_row_by_row_tried_and_kept(client: Client, world: World) -> None:
    as_(client, world.officer)
    typed = from_document({"rules": []}, []) | {"title": "Our own", "reason": "", "version": ""}
    node = str(world.unit.pk)
    changing.change(typed, "add-rule")
    typed["rules"][0]["title"] = "Trained users"
    changing.change(typed, "add-check:rules.0")
    check = typed["rules"][0]["checks"][0]
    check["title"] = "Users are trained"
    refused = text(client.post(WRITE, sent(typed, node=node, do="keep")), 422)
    assert "choose a fact, or take the row out" in refused
    assert not PolicyVersion.objects.filter(node=world.unit).exists()
    check["must"]["parts"][0]["fact"] = "evidence"
    again = text(client.post(WRITE, sent(typed, node=node, do="look")))
    assert "has any of" in again
    assert 'name="rules.0.checks.0.must.parts.0.value"' in again
    check["must"]["parts"][0] |= {"op": "has_any", "value": ["training"]}
    typed["examples"] = [
        {"title": "Nobody trained", "mode": "central", "expect": "asks",
         "facts": [{"name": "to_stage", "value": ["assessment"]},
                   {"name": "proposal", "value": ["stop"]},
                   {"name": "evidence", "value": ["other"]}]}
    ]  # fmt: skip
    told = text(client.post(TRY, sent(typed, node=node)))
    assert "1 example of 1 comes out differently" in told
    assert "Users are trained: failed" in told
    typed["examples"][0]["expect"] = "blocks"
    assert "Every example comes out as it should" in text(client.post(TRY, sent(typed, node=node)))
    kept = text(client.post(WRITE, sent(typed, node=node, do="keep"), follow=True))
    assert "Kept “Our own, version 1” as a draft" in kept
    row = PolicyVersion.objects.get(node=world.unit)
    assert row.document["rules"][0]["checks"][0]["must"]["value"] == ["training"]


@pytest.mark.django_db
def test_a_loosened_floor_is_said_while_typing_and_nothing_is_kept(
    client: Client, world: World
) -> None:
    typed = laid_out()
    typed["rules"] = [rule for rule in typed["rules"] if rule["id"] == "live"]
    typed["distributed"] = dict.fromkeys(typed["distributed"], "")
    for check in typed["rules"][0]["checks"]:
        if check["id"] == "eu-tier":
            check["level"] = "warn"
    before = PolicyVersion.objects.count()
    told = text(as_(client, world.officer).post(TRY, sent(typed, node=str(world.unit.pk))))
    assert "is looser than the floor" in told
    assert PolicyVersion.objects.count() == before


@pytest.mark.django_db
def test_the_document_and_the_form_are_two_views_of_one_draft(client: Client, world: World) -> None:
    as_(client, world.officer)
    node = str(world.organisation.pk)
    shown = client.post(WRITE, sent(laid_out(), node=node, do="expert"))
    document = json.loads(shown.context["form"]["document"])
    assert read(document) == read(starter()["document"])
    fields = {"node": node, "title": "T", "document": json.dumps(document), "examples": "[]"}
    page = text(client.post(WRITE, fields | {"do": "form"}))
    assert 'name="rules.2.checks.0.must.parts.0.fact"' in page
    wrong = {"rules": [{"id": "x"}]}
    assert "title is a text" in text(
        client.post(WRITE, fields | {"document": json.dumps(wrong), "do": "form"}), 422
    )


@pytest.mark.django_db
def test_an_example_is_taken_from_an_initiative_as_it_stands(client: Client, world: World) -> None:
    row = world.initiative()
    typed = laid_out()
    count = len(typed["examples"])
    page = text(
        as_(client, world.officer).post(
            WRITE,
            sent(typed, node=str(world.organisation.pk), do="from") | {"from": row.key.lower()},
        )
    )
    assert f"{row.name} today" in page
    assert len(re.findall(r'name="examples\.\d+\.title"', page)) == count + 1
    missing = client.post(
        WRITE,
        sent(typed, node=str(world.organisation.pk), do="from") | {"from": "AI-99999"},
    )
    assert "There is no initiative “AI-99999”" in text(missing, 422)
