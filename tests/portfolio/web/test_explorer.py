"""The explorer: shapes over one address, cells changed in place and many at once, views."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from governance_app.initiatives import selectors, services
from governance_app.initiatives.models import Initiative

Person = Callable[..., Any]


@pytest.fixture
def manager(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def claims(unit: Any, manager: Any) -> Initiative:
    return services.add(name="Claims triage", unit=unit, by=manager, stage="assessment")


@pytest.fixture
def voice(unit: Any, manager: Any) -> Initiative:
    return services.add(name="Voice notes", unit=unit, by=manager, stage="idea", vendor="Acme")


@pytest.fixture
def far(other_unit: Any, person: Person) -> Initiative:
    return services.add(name="Storm surge", unit=other_unit, by=person("program_manager"))


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


# --- search ---------------------------------------------------------------------------------


def test_a_typing_error_still_finds_and_says_so(
    claims: Initiative, voice: Initiative, manager: Any
) -> None:
    page = signed_in(manager).get("/portfolio/?q=clams")
    assert [row["key"] for row in page.context["rows"]] == [claims.key]
    assert page.context["search_note"] == (
        "Nothing holds “clams”; this is what is spelled like it."
    )


def test_what_is_spelled_right_is_not_mixed_with_what_is_like_it(
    claims: Initiative, voice: Initiative, manager: Any
) -> None:
    found = selectors.understand(viewer=manager, text="voice")
    assert found == selectors.Search(("voice",))


def test_spelling_says_nothing_of_what_one_may_not_see(
    claims: Initiative, far: Initiative, manager: Any
) -> None:
    page = signed_in(manager).get("/portfolio/?q=stormm")
    assert page.context["total"] == 0
    assert page.context["search_note"] == ""


# --- shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["board", "timeline", "map"])
def test_every_shape_keeps_the_filters_of_the_address(
    shape: str, claims: Initiative, voice: Initiative, manager: Any
) -> None:
    page = signed_in(manager).get(f"/portfolio/?view={shape}&stage=idea")
    assert page.status_code == 200
    assert [chip["words"] for chip in page.context["chips"]] == ["stage: Idea"]
    assert all("stage=idea" in tab["query"] for tab in page.context["tabs"])


def test_the_board_counts_and_lists_what_one_sees(
    claims: Initiative, voice: Initiative, far: Initiative, manager: Any
) -> None:
    columns = signed_in(manager).get("/portfolio/?view=board").context["board"]
    counts = {column["stage"].slug: column["count"] for column in columns}
    assert counts["idea"] == 1 and counts["assessment"] == 1
    assert sum(counts.values()) == 2


def test_a_card_moves_when_its_stage_lets_it(claims: Initiative, manager: Any) -> None:
    data = {"key": claims.key, "to": "pilot", "version": claims.version}
    answer = signed_in(manager).post("/portfolio/move/", data)
    claims.refresh_from_db()
    assert answer.status_code == 200
    assert answer.json() == {
        "sentence": f"{claims.key} is in pilot now.", "version": claims.version,
    }  # fmt: skip
    assert claims.stage is not None and claims.stage.slug == "pilot"


def test_a_card_that_may_not_move_comes_back_with_the_sentence(
    claims: Initiative, manager: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(manager)
    before = ledger_count()
    answer = client.post("/portfolio/move/", {"key": claims.key, "to": "production"})
    assert answer.status_code == 422
    assert "Before Production" in answer.json()["sentence"]
    claims.refresh_from_db()
    assert claims.stage is not None and claims.stage.slug == "assessment"
    assert ledger_count() == before


def test_the_timeline_points_from_what_is_needed_to_what_waits(
    claims: Initiative, voice: Initiative, manager: Any
) -> None:
    services.add_dependency(initiative=claims, needs=voice, by=manager)
    services.add_milestone(
        initiative=claims, name="First users", due_on=dt.date(2020, 1, 1), by=manager
    )
    picture = signed_in(manager).get("/portfolio/?view=timeline").context["picture"]
    arrows = [note for note in picture["layout"]["annotations"] if note.get("showarrow")]
    assert len(arrows) == 1
    assert picture["layout"]["meta"]["title"] == "1 milestone shown is late"


def test_the_map_is_for_those_who_see_money(claims: Initiative, person: Person, unit: Any) -> None:
    client = signed_in(person("contributor", unit))
    assert client.get("/portfolio/map.json").status_code == 403
    page = client.get("/portfolio/?view=map")
    assert page.context["shape"] == "table"
    assert "map" not in [tab["name"] for tab in page.context["tabs"]]


def test_groups_count_every_row(claims: Initiative, voice: Initiative, manager: Any) -> None:
    groups = signed_in(manager).get("/portfolio/?group=vendor").context["groups_shown"]
    assert {group["label"]: group["count"] for group in groups} == {"Acme": 1, "Unknown": 1}
    assert [row["key"] for group in groups for row in group["rows"]] != []


@pytest.mark.parametrize(
    "group", ["stage", "unit", "status", "ai_type", "vendor", "owner", "manager"]
)
def test_rows_stand_in_the_group_that_counts_them(
    group: str, claims: Initiative, voice: Initiative, manager: Any
) -> None:
    services.edit(initiative=claims, by=manager, business_owner=manager)
    groups = signed_in(manager).get(f"/portfolio/?group={group}").context["groups_shown"]
    assert sum(each["count"] for each in groups) == 2
    assert all(len(each["rows"]) == each["count"] for each in groups)


def test_compare_shows_two_to_five_and_marks_what_differs(
    claims: Initiative, voice: Initiative, far: Initiative, manager: Any
) -> None:
    client = signed_in(manager)
    page = client.get(f"/portfolio/compare/?key={claims.key}&key={voice.key}&key={far.key}")
    assert [row.key for row in page.context["rows"]] == [claims.key, voice.key]
    assert page.context["note"] == "Some of them do not exist or are not yours to see."
    differs = {line["label"]: line["differs"] for line in page.context["lines"]}
    assert differs["Vendor"] and not differs["Unit"]
    assert not client.get(f"/portfolio/compare/?key={claims.key}").context["is_enough"]


# --- cells ----------------------------------------------------------------------------------


def test_a_cell_changes_in_place_and_can_be_taken_back(voice: Initiative, manager: Any) -> None:
    client = signed_in(manager)
    address = f"/portfolio/cells/{voice.key}/vendor/"
    opened = client.get(address, headers={"HX-Request": "true"})
    assert b'value="Acme"' in opened.content
    data = {"text": "Globex", "version": voice.version}
    answer = client.post(address, data, headers={"HX-Request": "true"})
    voice.refresh_from_db()
    assert (answer.status_code, voice.vendor) == (200, "Globex")
    change = selectors.table_changes(viewer=manager).get()
    undone = client.post(f"/portfolio/changes/{change.pk}/undo/", headers={"HX-Request": "true"})
    voice.refresh_from_db()
    assert undone["HX-Refresh"] == "true"
    assert voice.vendor == "Acme"


def test_a_cell_that_somebody_changed_meanwhile_is_refused(
    voice: Initiative, manager: Any, ledger_count: Callable[[], int]
) -> None:
    services.edit(initiative=voice, by=manager, vendor="Initech")
    client = signed_in(manager)
    before = ledger_count()
    data = {"text": "Globex", "version": voice.version}
    answer = client.post(
        f"/portfolio/cells/{voice.key}/vendor/", data, headers={"HX-Request": "true"}
    )
    voice.refresh_from_db()
    assert answer.status_code == 422
    assert voice.vendor == "Initech"
    assert ledger_count() == before


def test_many_change_after_a_preview_and_all_come_back(
    claims: Initiative, voice: Initiative, manager: Any
) -> None:
    client = signed_in(manager)
    data: dict[str, Any] = {"key": [claims.key, voice.key], "field": "vendor", "text": "Acme"}
    preview = client.post("/portfolio/bulk/", data)
    assert (preview.context["changing"], preview.context["same"]) == (1, 1)
    claims.refresh_from_db()
    assert claims.vendor == ""
    seen = [f"{row.key}:{row.version}" for row in (claims, voice)]
    client.post("/portfolio/bulk/", data | {"apply": "1", "seen": seen})
    claims.refresh_from_db()
    assert claims.vendor == "Acme"
    change = selectors.table_changes(viewer=manager).get()
    assert [kept["key"] for kept in change.cells] == [claims.key]
    services.undo_change(change=change, by=manager)
    claims.refresh_from_db()
    assert claims.vendor == ""


def test_one_stale_row_keeps_all_rows_from_changing(
    claims: Initiative, voice: Initiative, manager: Any, ledger_count: Callable[[], int]
) -> None:
    seen = [f"{row.key}:{row.version}" for row in (claims, voice)]
    services.edit(initiative=voice, by=manager, vendor="Initech")
    client = signed_in(manager)
    before = ledger_count()
    data = {"key": [claims.key, voice.key], "field": "vendor", "text": "Globex", "apply": "1"}
    answer = client.post("/portfolio/bulk/", data | {"seen": seen})
    claims.refresh_from_db()
    assert answer.status_code == 422
    assert voice.key in answer.context["error"]
    assert claims.vendor == ""
    assert ledger_count() == before


def test_a_change_cannot_be_taken_back_over_a_later_one(voice: Initiative, manager: Any) -> None:
    change = services.change_cells(
        changes=[services.RowChange(voice, None, {"vendor": "Globex"})], by=manager
    )
    services.edit(initiative=voice, by=manager, vendor="Initech")
    answer = signed_in(manager).post(f"/portfolio/changes/{change.pk}/undo/")
    voice.refresh_from_db()
    assert answer.status_code == 422
    assert voice.vendor == "Initech"


def test_rows_of_others_are_refused_in_the_preview(
    claims: Initiative, far: Initiative, person: Person, unit: Any, manager: Any
) -> None:
    from governance_app.people import services as people

    people.grant(user=manager, role="auditor", node=far.unit, by=people.system_user("setup"))
    lines = selectors.preview_cells(viewer=manager, rows=[claims, far], texts={"vendor": "Acme"})
    assert [bool(line.refusal) for line in lines] == [False, True]


# --- views ----------------------------------------------------------------------------------


def test_a_view_is_seen_by_others_only_once_it_is_shared(manager: Any, person: Person) -> None:
    other = person("executive")
    view = services.save_view(name="My pilots", query="?stage=pilot&page=3", by=manager)
    assert view.query == "stage=pilot"
    assert not selectors.saved_views(viewer=other).exists()
    services.share_view(view=view, is_shared=True, by=manager)
    services.pin_view(view=view, is_pinned=True, by=other)
    assert [each.is_pinned for each in selectors.saved_views(viewer=other)] == [True]
    assert [each.is_pinned for each in selectors.saved_views(viewer=manager)] == [False]


def test_only_its_owner_forgets_a_view(manager: Any, person: Person) -> None:
    view = services.save_view(name="All", query="", by=manager, is_shared=True)
    other = signed_in(person("executive"))
    answer = other.post(
        f"/portfolio/views/{view.pk}/", {"what": "forget"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert selectors.saved_views(viewer=manager).count() == 1
