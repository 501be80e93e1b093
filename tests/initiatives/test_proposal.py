"""A first mapping comes from headers and cells; nothing is known about any one file."""

import pytest

from governance_app.initiatives.importing import diff, mapping, proposal, records
from governance_app.initiatives.importing.mapping import MappingWrong
from governance_app.initiatives.importing.reading import read_table
from tests.factories.inventory import STAGE_SPELLINGS, corporate, messy


def proposed(made, **how):
    table = read_table(made.csv(encoding="utf-8", **how), name="inventory.csv")
    return table, proposal.propose(table, name="inventory").mapping


def fields_of(found):
    return {rule.field: rule.column for rule in found.rules}


def test_columns_are_found_by_name_and_content():
    _table, found = proposed(messy())
    assert fields_of(found) == {
        "name": "Use Case Title",
        "unit.1": "Agency",
        "unit.1.code": "Agency Abbreviation",
        "unit.2": "Bureau",
        "tags": "Topic",
        "purpose": "What is the purpose of the system?",
        "stage": "Stage of Development",
        "date.idea.actual": "Date Initiated",
        "date.production.actual": "Date Implemented",
        "sourcing": "Developed in-house or under contract?",
        "data_classes.personal": "Does it involve personal data (PII)?",
    }
    assert found.keys == ("Use Case Title", "Agency", "Bureau")


def test_eleven_spellings_of_a_stage_become_ours():
    _table, found = proposed(messy(rows=200))
    rule = found.rules_for("stage")[0]
    assert dict(rule.values) == {said.strip(): slug for said, slug in STAGE_SPELLINGS.items()}


def test_another_inventory_is_another_mapping():
    _table, found = proposed(corporate(), delimiter=";")
    assert fields_of(found) == {
        "reference": "ID",
        "name": "Project name",
        "unit.1": "Division",
        "unit.2": "Team",
        "stage": "Phase",
        "status": "RAG",
        "date.production.actual": "Go-live date",
        "expected_value": "Expected annual benefit",
        "business_owner": "Product owner",
        "vendor": "Supplier",
        "deployment_target": "Hosting",
        "ai_type": "Technique",
    }
    assert found.keys == ("ID",)
    assert found.rules_for("date.production.actual")[0].date_order == "dmy"


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Planned (not in production)", "idea"),
        ("Pilot – deployed in a limited test capacity", "pilot"),
        ("Pre-deployment – in development or acquisition", "assessment"),
        ("Deployed – used to support the mission", "production"),
        ("PoC", "pilot"),
        ("Marmalade", ""),
    ],
)
def test_values_are_guessed_from_their_words(text, choice):
    table = read_table(f"Name,Stage\nA,{text}\n".encode(), name="a.csv")
    guess = proposal.guess_values(
        proposal.FIELDS["stage"], proposal.look(list(table.values("Stage")))
    )[0]
    assert guess.choice == choice


def test_every_row_is_read_or_refused_with_its_place():
    table, found = proposed(messy())
    read = list(records.read_records(table, found))
    assert len(read) == 60
    refusals = [refusal for record in read for refusal in record.refusals]
    assert [(each.row, each.column, each.value) for each in refusals] == [
        (number, "Date Initiated", "7/14/1905") for number in (5, 25, 45)
    ]
    assert not any(record.is_refused for record in read)


def test_a_strict_mapping_refuses_the_row():
    table, found = proposed(messy())
    read = list(records.read_records(table, mapping.strict(found)))
    assert sum(record.is_refused for record in read) == 3


def test_a_row_without_a_name_is_refused():
    table = read_table(b"Name,Agency\nSort,Post\n ,Sales\nN/A,Law\n", name="a.csv")
    found = proposal.propose(table, name="a").mapping
    difference = diff.compare(records.read_records(table, found), found, {})
    assert dict(difference.counts) == {"new": 1, "changed": 0, "unchanged": 0, "refused": 2}
    assert [(r.row, r.column) for r in difference.refusals()] == [(3, "Name"), (4, "Name")]


def known_from(difference):
    found = {}
    for verdict in difference.verdicts:
        found.setdefault(verdict.digest, []).append(
            diff.Known(
                verdict.digest,
                verdict.occurrence,
                verdict.record.hash,
                diff.stored_values(verdict.record),
            )
        )
    return found


def test_rows_that_repeat_get_an_occurrence_and_any_order_is_unchanged():
    made = messy()
    table, found = proposed(made)
    first = diff.compare(records.read_records(table, found), found, {})
    assert max(verdict.occurrence for verdict in first.verdicts) == 2
    made.rows.reverse()
    again, _found = proposed(made)
    second = diff.compare(records.read_records(again, found), found, known_from(first))
    assert second.counts["unchanged"] == 60


def test_stray_spaces_change_nothing_and_a_changed_cell_names_its_field():
    made = messy()
    table, found = proposed(made)
    known = known_from(diff.compare(records.read_records(table, found), found, {}))
    made.rows[0][0] += "  "
    made.rows[1][6] = "Retired"
    again, _found = proposed(made)
    second = diff.compare(records.read_records(again, found), found, known)
    assert (second.counts["unchanged"], second.counts["changed"]) == (59, 1)
    assert second.verdicts[1].fields == ("stage",)


def test_a_mapping_is_the_same_after_a_trip_through_json():
    _table, found = proposed(messy())
    assert mapping.from_json(mapping.to_json(found)) == found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 99}, "reads schema 1"),
        ({"keys": []}, "tells the rows apart"),
        ({"rules": []}, "holds the name"),
        ({"rules": [{"column": "A", "field": "colour"}]}, "holds the name"),
        ({"rules": [{"column": "A", "field": "name"}] * 2}, "filled from two columns"),
        (
            {"rules": [{"column": "A", "field": "name"}, {"column": "B", "field": "colour"}]},
            "no field of an initiative",
        ),
        (
            {
                "rules": [
                    {"column": "A", "field": "name"},
                    {"column": "B", "field": "stage", "values": {"x": "flying"}},
                ]
            },
            "stands for flying",
        ),
        (
            {"rules": [{"column": "A", "field": "name"}, {"column": "B", "field": "unit.2"}]},
            "start at level 1",
        ),
        ({"fiscal_start_month": 13}, "month 1 to 12"),
        ({"rules": [{"kolumn": "A"}]}, "cannot be read"),
    ],
)
def test_a_wrong_mapping_is_refused_with_a_sentence(change, words):
    data = {
        "schema": 1, "name": "x", "keys": ["A"], "rules": [{"column": "A", "field": "name"}],
        **change,
    }  # fmt: skip
    with pytest.raises(MappingWrong, match=words):
        mapping.check(mapping.from_json(data))


def test_a_mapping_that_does_not_fit_the_file_names_the_column():
    _table, found = proposed(messy())
    other = read_table(corporate().csv(encoding="utf-8"), name="other.csv")
    with pytest.raises(MappingWrong, match="no column Use Case Title") as caught:
        mapping.check(found, other)
    assert caught.value.file == "other.csv"
