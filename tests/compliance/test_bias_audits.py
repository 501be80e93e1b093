"""Bias audits: on record once, compared within categories, withdrawn, followed up, expiring."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.books import services as books
from governance_app.compliance import selectors, services
from governance_app.compliance.group_tables import BadGroups, lines_of
from governance_app.compliance.models import BiasAudit, BiasAuditGroup, Gap
from governance_app.compliance.services import BadBiasAudit
from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from tests.compliance.conftest import CREDIT, ON

pytestmark = pytest.mark.django_db

TABLE = b"""Category;Group;Selected;Assessed
Sex;Women;300;1,000
sex;Men;500;1000
Race/ethnicity;Black;5;19
race;White;400;981
"""


def recorded(initiative: Any, by: Any, table: bytes = TABLE, **change: Any) -> BiasAudit:
    asked = {
        "auditor": "Fair Labs", "independence": "No other work for us.",
        "outcome": "Invited to an interview", "data_from": dt.date(2026, 1, 1),
        "data_until": dt.date(2026, 9, 30), "audited_on": dt.date(2026, 10, 20),
        "groups": lines_of(table, name="groups.csv"), **change,
    }  # fmt: skip
    return services.record_bias_audit(initiative=initiative, on=ON, by=by, **asked)


def lines(audit: BiasAudit, viewer: Any) -> dict[str, Any]:
    return {line.row.name: line for line in selectors.compared(audit=audit, viewer=viewer)}


def test_an_audit_is_compared_by_the_limits_that_were_set_when_it_was_recorded(
    initiative: Any, officer: Any, admin: Any
) -> None:
    audit = recorded(initiative, officer)
    assert (audit.expires_on, audit.least_ratio) == (dt.date(2027, 10, 20), Decimal("0.8"))
    books.set_value(
        key="bias_audit", value={"valid_months": 6, "small_share": 0, "least_ratio": 0.5},
        from_on=ON, by=admin,
    )  # fmt: skip
    before = lines(audit, officer)
    assert before["Women"].ratio.value == Decimal("0.6") and before["Women"].is_below
    assert (before["Black"].found.is_small, before["Black"].ratio.value) == (True, None)
    later = recorded(initiative, officer)
    assert later.expires_on == dt.date(2027, 4, 20)
    assert not lines(later, officer)["Women"].is_below
    assert lines(later, officer)["Black"].ratio.known


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"auditor": " "}, "who audited"),
        ({"independence": ""}, "independent"),
        ({"outcome": ""}, "which decision"),
        ({"data_until": dt.date(2025, 12, 31)}, "before they begin on 1 Jan 2026"),
        ({"audited_on": dt.date(2026, 9, 29)}, "cannot have been audited"),
        ({"audited_on": ON + dt.timedelta(days=1)}, "lies in the future"),
        ({"publication_url": "fair.example/ll144"}, "begins with https"),
        ({"groups": []}, "There is no group"),
    ],
)
def test_what_makes_no_audit_is_refused_and_leaves_nothing(
    initiative: Any, officer: Any, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(Sentence, match=told):
        recorded(initiative, officer, **change)
    assert not BiasAudit.objects.exists() and not BiasAuditGroup.objects.exists()


def test_rows_that_are_no_groups_are_each_named_and_none_is_taken(
    initiative: Any, officer: Any
) -> None:
    table = b"""category,group,selected,assessed
sex,Women,30,100
sex,women,1,2
height,Tall,1,2
age,,1,2
age,Over 40,9,8
age,Under 40,many,10
age,40,-1,10
"""
    with pytest.raises(BadGroups) as refused:
        recorded(initiative, officer, table)
    told = str(refused.value)
    assert told.startswith("6 of 7 rows cannot be taken, so none was.")
    for words in (
        "Row 3, group: “women” stands in row 2 already", "Row 4, category: “height” is none of",
        "Row 5, group: the group has no name", "Row 6, selected: 9 selected of 8 assessed",
        "Row 7, selected: “many” is no number", "Row 8, selected: “-1” is no number",
    ):  # fmt: skip
        assert words in told
    assert (refused.value.row, refused.value.column) == (3, "group")
    assert not BiasAudit.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"group,selected\nWomen,3\n", "no column category"), (b"", "empty"), (b"%PDF-1.7", "PDF")],
)
def test_a_table_that_is_none_says_what_is_missing(content: bytes, told: str) -> None:
    with pytest.raises(Sentence, match=told):
        lines_of(content, name="groups.csv")


def test_it_is_withdrawn_with_a_reason_once_and_the_one_before_counts_again(
    initiative: Any, officer: Any, person: Any, unit: Any
) -> None:
    def counts() -> Any:
        return selectors.bias_audit_that_counts(viewer=officer, initiative=initiative, on=ON)

    first = recorded(initiative, officer)
    second = recorded(initiative, officer, audited_on=dt.date(2026, 11, 2))
    assert counts() == second
    with pytest.raises(BadBiasAudit, match="say why"):
        services.withdraw_bias_audit(audit=second, because=" ", on=ON, by=officer)
    with pytest.raises(Refused):
        services.withdraw_bias_audit(audit=second, because="x", on=ON, by=person("auditor", unit))
    services.withdraw_bias_audit(audit=second, because="Wrong quarter.", on=ON, by=officer)
    assert counts() == first
    with pytest.raises(BadBiasAudit, match="withdrawn on 20 Nov 2026 already"):
        services.withdraw_bias_audit(audit=second, because="Again.", on=ON, by=officer)
    second.refresh_from_db()
    assert second.withdrawn_because == "Wrong quarter."
    with pytest.raises(BadBiasAudit, match="nothing follows"):
        services.follow_up_bias(group=lines(second, officer)["Women"].row, on=ON, by=officer)


def test_a_difference_becomes_one_finding_as_grave_as_the_class_says(
    initiative: Any, officer: Any, manager: Any, libraries: Any
) -> None:
    one = services.classify(
        initiative=initiative, scheme="eu-ai-act", answers=CREDIT, on=ON, by=manager
    )
    services.review_classification(classification=one, is_confirmed=True, on=ON, by=officer)
    audit = recorded(initiative, officer)
    women = lines(audit, officer)["Women"].row
    gap = services.follow_up_bias(group=women, on=ON, by=manager)
    assert (gap.severity, gap.due_on, gap.bias_group) == ("high", ON + dt.timedelta(30), women)
    assert gap.title == "Women (sex) is selected less often: impact ratio 0.600"
    with pytest.raises(BadBiasAudit, match="is open already; it is due on 20 Dec 2026"):
        services.follow_up_bias(group=women, on=ON, by=manager)
    for name in ("Men", "Black"):
        with pytest.raises(BadBiasAudit, match="not under the limit"):
            services.follow_up_bias(group=lines(audit, officer)[name].row, on=ON, by=manager)
    assert Gap.objects.get() == gap


def test_settings_that_cannot_be_used_are_said_and_nobody_else_sees_an_audit(
    initiative: Any, officer: Any, admin: Any, person: Any, other_unit: Any
) -> None:
    recorded(initiative, officer)
    stranger = person("program_manager", other_unit)
    assert not selectors.bias_audits(viewer=stranger).exists()
    books.set_value(
        key="bias_audit", value={"valid_months": 12, "small_share": 2, "least_ratio": 0.8},
        from_on=ON, by=admin,
    )  # fmt: skip
    with pytest.raises(BadBiasAudit, match="lie between 0 and 1"):
        recorded(initiative, officer)
    assert BiasAudit.objects.count() == 1
