"""Question trees: total, deterministic, and unknown never lowers; of the shipped trees too."""

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance_app.compliance.reading import shipped, shipped_files
from governance_app.domain import questions
from governance_app.domain.frameworks import read
from governance_app.domain.questions import UNKNOWN, Tree, judge, shown

TREES = ["eu-ai-act", "omb-m-25-21", "assessment-model-risk"]


@cache
def tree_of(key: str) -> Tree:
    return shipped(key).tree


def answers_to(tree: Tree) -> Any:
    """Draw any answers, unknown and missing ones too."""
    each = {}
    for question in tree.questions:
        values = [choice.value for choice in question.choices]
        one: Any = st.sampled_from([*values, None])
        if question.kind == "many":
            rest = [value for value in values if value != "none"]
            one = st.one_of(
                st.just(["none"]), st.none(), st.lists(st.sampled_from(rest), max_size=3)
            )
        each[question.key] = one
    return st.fixed_dictionaries(each).map(
        lambda drawn: {key: value for key, value in drawn.items() if value}
    )


def rank(tree: Tree, slug: str | None) -> int:
    ranks = {tier.slug: tier.rank for tier in tree.tiers}
    return ranks[slug] if slug else 0


def whole(tree: Tree, answers: dict[str, Any]) -> bool:
    """Tell whether every question that is asked has a definite answer."""
    counted, asked = shown(tree, answers=answers, facts={})
    return all(
        question.key in counted and UNKNOWN not in counted[question.key] for question in asked
    )


@given(
    st.sampled_from(TREES).flatmap(lambda key: st.tuples(st.just(key), answers_to(tree_of(key))))
)
def test_every_set_of_answers_gets_a_verdict_and_always_the_same(drawn: Any) -> None:
    key, answers = drawn
    tree = tree_of(key)
    first = judge(tree, answers=answers, facts={})
    assert first == judge(tree, answers=dict(reversed(answers.items())), facts={})
    assert first.tier in {tier.slug for tier in tree.tiers} | {UNKNOWN}
    if whole(tree, answers):
        assert first.tier != UNKNOWN
    if first.tier == UNKNOWN:
        assert first.ceiling is not None
        assert rank(tree, first.ceiling) >= rank(tree, first.floor)
    else:
        assert first.floor == first.ceiling == first.tier


@given(
    st.sampled_from(TREES).flatmap(
        lambda key: st.tuples(
            st.just(key),
            answers_to(tree_of(key)),
            st.sampled_from([question.key for question in tree_of(key).questions]),
        )
    )
)
def test_taking_an_answer_away_never_lowers_the_ceiling_nor_raises_the_floor(drawn: Any) -> None:
    key, answers, forgotten = drawn
    tree = tree_of(key)
    known = judge(tree, answers=answers, facts={})
    less = judge(tree, answers={k: v for k, v in answers.items() if k != forgotten}, facts={})
    assert rank(tree, less.ceiling) >= rank(tree, known.ceiling)
    assert rank(tree, less.floor) <= rank(tree, known.floor)


#: Answers that speak of more risk; given in place of any other they never lower the result.
WORSE: dict[str, Any] = {
    **{f"P{number}": "yes" for number in range(1, 10)},
    **dict.fromkeys(("H1", "H2", "H4", "T1", "T2", "T3", "T4", "T5"), "yes"),
    "H5": "none",
    "H3": ["5b"],
    "S1": "yes",
    "S2": "yes",
    "S3": "none",
}


@given(answers_to(tree_of("eu-ai-act")), st.sampled_from(sorted(WORSE)))
def test_more_risk_never_scores_lower(answers: dict[str, Any], key: str) -> None:
    tree = tree_of("eu-ai-act")
    before = judge(tree, answers=answers, facts={})
    more = WORSE[key]
    if key == "H3":
        said = [value for value in answers.get("H3", []) if value not in ("none", UNKNOWN)]
        more = sorted({*said, "5b"})
    after = judge(tree, answers={**answers, key: more}, facts={})
    assert rank(tree, after.ceiling) >= rank(tree, before.ceiling)
    if key not in ("S1", "S2", "S3"):  # what leaves scope open again leaves nothing certain
        assert rank(tree, after.floor) >= rank(tree, before.floor)


def test_every_shipped_file_is_usable_and_its_references_lead_somewhere() -> None:
    libraries = [read(path.read_bytes(), name=path.name) for path in shipped_files()]
    refs = {f"{library.key}:{node.ref}" for library in libraries for node in library.nodes}
    for library in libraries:
        assert library.licence and library.licence_url and library.attribution, library.key
        named = {mapping.to for mapping in library.mappings}
        named |= {node for question in library.tree.questions for node in question.nodes}
        assert named - refs == set(), library.key


def test_the_frameworks_are_whole() -> None:
    counts = {
        "nist-ai-rmf": 72, "nist-genai": 12, "iso-42001": 38, "owasp-llm": 10,
        "control-library": 24,
    }  # fmt: skip
    for key, count in counts.items():
        assert sum(node.assessable for node in shipped(key).nodes) == count, key
    atlas = shipped("mitre-atlas").nodes
    kinds = [node.kind for node in atlas]
    assert [kinds.count(kind) for kind in ("tactic", "technique", "mitigation")] == [16, 170, 35]


def test_every_article_that_was_asked_for_has_dated_obligations() -> None:
    dated = {rule.article for rule in shipped("eu-ai-act").obligations if rule.applies_from}
    said = " ".join(dated)
    for article in (4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 26, 27, 43, 49, 50, 53, 55, 72,
                    73):  # fmt: skip
        assert f"Art. {article}" in said, article


@given(st.lists(st.sampled_from(["met", "partly", "gap", "na"]), max_size=5))
def test_the_worst_of_several_results_counts(found: list[Any]) -> None:
    worst = questions.worst(found)
    assert worst == questions.worst(list(reversed(found)))
    assert worst in (*found, "unknown")
