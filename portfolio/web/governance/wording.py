"""What several pages of policies share: rules in words, and where a person may write them."""

from typing import Any

from governance_app.domain.conditions import words
from governance_app.gates import selectors
from governance_app.people import access
from governance_app.people import selectors as people


def rules_in_words(row: Any) -> list[dict[str, Any]]:
    """Give the rules of a version as people read them."""
    return [
        {
            "rule": rule,
            "when": words(rule.when, selectors.FACTS),
            "checks": [
                {
                    "check": check,
                    "must": words(check.must, selectors.FACTS),
                    "when": ""
                    if not getattr(check.when, "parts", True)
                    else words(check.when, selectors.FACTS),
                }
                for check in rule.checks
            ],
            "steps": [
                {"step": step, "words": selectors.step_words(step=step)} for step in rule.steps
            ],
        }
        for rule in selectors.read(policy=row).rules
    ]


def places(viewer: Any) -> list[Any]:
    """Give the organisation and the units for which a person may write policies."""
    root = people.organisation()
    rows = [root] if root else []
    return [
        node
        for node in (*rows, *people.units(viewer=viewer))
        if access.can(viewer, "gate.policy", node)
    ]
