"""
No date of law and no threshold stands in code: they are dated data and dated settings.

Looked at is the syntax of what judges: laws, risks, gates and rounds. What is compared with a
number there is named here with the reason, or it belongs into a setting or a library file.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import governance_app
from governance_app.books.settings_known import KNOWN

ROOT = Path(governance_app.__file__).parent
JUDGING = sorted(
    [
        *(
            path
            for noun in ("compliance", "risk", "gates", "oversight")
            for path in (ROOT / noun).rglob("*.py")
            if "migrations" not in path.parts
        ),
        *(
            ROOT / "domain" / f"{name}.py"
            for name in (
                "conditions", "drift", "fairness", "frameworks", "gates", "loss", "modes", "policy",
                "questions", "risk",
            )
        ),
    ]
)  # fmt: skip
A_DAY = re.compile(r"\b(19|20)\d\d-[01]\d(-[0-3]\d)?\b")
#: Comparisons with a number that are no threshold, each with the reason.
SHAPES = {
    "len(lei) != 20": "letters of an identifier",
    "len(law) != 2": "letters of a country",
    "len(code) != 2": "letters of a country",
    "1 <= int(kind[1:]) <= 19": "numbers of a form",
    "len(tested) == 2": "a design and an operation",
    "able('gate.policy', node.path) < 2": "four eyes need two people",
    "day.weekday() < 5": "days of a week",
    "len(choices) < 2": "a choice is between two",
    "least <= value <= 36500": "the longest span a policy may write down",
    "len(row) != 5": "columns of a matrix",
    "1 <= level <= 5": "levels of the scale",
    "age > 2 * scenario.review_days": "risk-1 itself: once and twice the period",
}
HARMLESS = {0, 1, -1}
SPANS = ("days", "weeks", "months", "hours")


def words_of(tree: ast.AST) -> set[int]:
    """Give the constants that are docstrings: they may tell of days."""
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def days_in(source: str) -> Iterator[str]:
    """Give what looks like a day of the calendar in code."""
    tree = ast.parse(source)
    words = words_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            years = [
                each.value
                for each in node.args
                if isinstance(each, ast.Constant) and isinstance(each.value, int)
            ]
            if name in ("date", "datetime") and any(1900 < year < 2200 for year in years):
                yield ast.unparse(node)
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in words and A_DAY.search(node.value):
            yield node.value


def numbers_in(source: str) -> Iterator[str]:
    """Give comparisons with numbers, and spans of time written as numbers."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [part for side in (node.left, *node.comparators) for part in terms_of(side)]
            if any(isinstance(side, ast.Constant) and _counts(side.value) for side in sides):
                yield ast.unparse(node)
        is_span = isinstance(node, ast.keyword) and node.arg in SPANS
        if is_span and isinstance(node.value, ast.Constant) and _counts(node.value.value):
            yield f"{node.arg}={node.value.value}"


def terms_of(side: ast.expr) -> Iterator[ast.expr]:
    """Give what one side of a comparison is reckoned from: twice a period is a number too."""
    if isinstance(side, ast.BinOp):
        yield from terms_of(side.left)
        yield from terms_of(side.right)
    else:
        yield side


def _counts(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value not in HARMLESS


#: Days in texts that only show how to write one.
EXAMPLES = ("must be a day such as 2026-08-02",)


@pytest.mark.parametrize("path", JUDGING, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_day_of_the_calendar_and_no_threshold_stands_in_code(path: Path) -> None:
    source = path.read_text()
    days = [each for each in days_in(source) if not any(example in each for example in EXAMPLES)]
    assert days == [], "a day of law is data: a library file or a dated setting"
    numbers = [each for each in numbers_in(source) if each not in SHAPES]
    assert numbers == [], "a threshold is a dated setting; or say in SHAPES why it is none"


def test_the_eye_sees_what_it_looks_for() -> None:
    assert list(days_in('"""On 2026-08-02."""\nfrom_on = dt.date(2026, 8, 2)')) == [
        "dt.date(2026, 8, 2)"
    ]
    assert list(days_in('x = {"from": "2027-12-02"}')) == ["2027-12-02"]
    assert list(numbers_in("if psi > 0.25: pass")) == ["psi > 0.25"]
    assert list(numbers_in("if age > 2 * period: pass")) == ["age > 2 * period"]
    assert list(numbers_in("due = on + dt.timedelta(days=15)")) == ["days=15"]


def test_days_of_law_stand_in_library_files_with_their_source() -> None:
    found = 0
    for path in sorted((ROOT / "compliance" / "library").glob("*.json")):
        content = json.loads(path.read_text())
        for duty in content.get("obligations", []):
            assert duty["applies_from"], f"{path.name}: {duty.get('ref')}"
            assert duty.get("source") or duty.get("source_url") or content.get("source_url")
            found += 1
    assert found > 20


def test_thresholds_of_judging_are_settings_that_somebody_can_date() -> None:
    judged = {
        "gap_due_days", "risk_terms", "risk_signals", "oversight_limits", "mode_advice",
        "gate_emergency", "gate_fresh_password", "gate_delegation_days", "gate_training",
        "control_met_ratio", "control_evidence_days", "evidence_backdate_days",
        "policy_review_months", "assessment_months", "grave_tiers", "zombie_stages",
        "risk_review_days",
    }  # fmt: skip
    assert judged <= set(KNOWN)
    assert all(KNOWN[key].meaning for key in judged)
