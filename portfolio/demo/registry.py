"""The models, versions and datasets of the company, as a registry would list them."""

import datetime as dt
from collections.abc import Sequence
from random import Random

from governance_app.domain.records import DatasetRecord, ModelRecord, ModelVersionRecord
from portfolio.demo.dice import days_after, draw
from portfolio.demo.names import slug
from portfolio.demo.shapes import Initiative, Registry
from portfolio.demo.techniques import TECHNIQUES, Technique

TAG = "initiative"
_WITH_MODEL = {"pilot", "scaling", "production", "retired"}
#: What a technique's models are judged by: metric, where it starts, how far each version moves it.
_METRICS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "predictive": (("auc", 0.79, 0.018), ("recall_at_5pct", 0.41, 0.03)),
    "anomaly": (("precision", 0.52, 0.04), ("recall", 0.63, 0.03)),
    "computer_vision": (("map50", 0.68, 0.03), ("precision", 0.81, 0.02)),
    "optimisation": (("gap_to_bound", 0.12, -0.015),),
    "recommendation": (("ndcg_at_10", 0.31, 0.02), ("hit_rate", 0.22, 0.015)),
    "generative": (("groundedness", 0.78, 0.025), ("accepted_share", 0.55, 0.03)),
    "agentic": (("task_success", 0.61, 0.035), ("handover_share", 0.38, -0.03)),
    "speech": (("word_error_rate", 0.14, -0.012), ("intent_accuracy", 0.84, 0.015)),
    "language": (("field_f1", 0.83, 0.02), ("exact_match", 0.71, 0.025)),
}
_DATASETS = (
    ("case history", "table"),
    ("labelled sample", "table"),
    ("approved documents", "documents"),
    ("feedback of users", "table"),
)


def build(seed: int, as_of: dt.date, initiatives: Sequence[Initiative]) -> Registry:
    """Invent a model for what was piloted and built in-house, with a version every few months."""
    models: list[ModelRecord] = []
    versions: list[ModelVersionRecord] = []
    datasets: dict[str, DatasetRecord] = {}
    dataset_of: dict[str, str] = {}
    for row in initiatives:
        pilot_on = next((m.on for m in row.moves if m.to_stage in {"pilot", "production"}), None)
        if row.stage not in _WITH_MODEL or pilot_on is None or row.sourcing == "buy":
            continue
        random = draw(seed, "model", row.key)
        name = slug(row.name).replace(".", "-").replace("--", "-")[:80].strip("-")
        made_at = _moment(days_after(pilot_on, -random.randint(5, 40)))
        models.append(
            ModelRecord(
                name=name,
                description=row.purpose,
                tags={TAG: row.key, "owner": row.technical_owner or ""},
                created_at=made_at,
                source_ref=f"models/{name}",
            )
        )
        until = row.ended_on or as_of
        versions += _versions(random, row, name, pilot_on, until)
        what, kind = random.choice(_DATASETS)
        title = f"{row.users or 'shared'}: {what}"
        digest = f"{random.getrandbits(64):016x}"
        datasets.setdefault(
            title,
            DatasetRecord(
                name=title, digest=digest, kind=kind,
                location=f"warehouse://{row.unit_code.lower()}/{slug(what).replace('.', '_')}",
            ),
        )  # fmt: skip
        dataset_of[row.key] = title
    return Registry(tuple(models), tuple(versions), tuple(datasets.values()), dataset_of)


def _versions(
    random: Random, row: Initiative, name: str, first_on: dt.date, until: dt.date
) -> list[ModelVersionRecord]:
    technique = TECHNIQUES[row.technique]
    count = max(1, min(9, (until - first_on).days // random.randint(80, 150)))
    step = max(1, (until - first_on).days // count)
    found = []
    for number in range(1, count + 1):
        aliases: tuple[str, ...] = ()
        if number == count and row.stage != "retired":
            aliases = ("champion",) if row.stage in {"production", "scaling"} else ("challenger",)
        on = days_after(first_on, (number - 1) * step + random.randint(0, 9))
        found.append(
            ModelVersionRecord(
                model_name=name,
                version=str(number),
                aliases=aliases,
                metrics=_metrics(random, technique, number),
                run_ref=f"{random.getrandbits(128):032x}",
                status="READY",
                created_at=_moment(min(on, until)),
                source_ref=f"models/{name}/versions/{number}",
            )
        )
    return found


def _metrics(random: Random, technique: Technique, number: int) -> dict[str, float]:
    return {
        metric: round(min(0.99, max(0.01, start + move * number + random.gauss(0, 0.012))), 3)
        for metric, start, move in _METRICS[technique.ai_type]
    }


def _moment(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(9), tzinfo=dt.UTC)
