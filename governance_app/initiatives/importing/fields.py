"""The fields of ours that a column of an inventory can fill."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from governance_app.domain.stages import STAGES
from governance_app.initiatives import choices

#: Unit levels an inventory may name, outermost first.
UNIT_LEVELS = (1, 2, 3)
OWNERS = {
    "sponsor": "Sponsor",
    "business_owner": "Business owner",
    "technical_owner": "Technical owner",
    "risk_owner": "Risk owner",
    "program_manager": "Program manager",
}
STAGE_SLUGS = tuple(stage.slug for stage in STAGES)
_STAGE_NAMES = {stage.slug: stage.name for stage in STAGES}

#: Choice that says "known to be none of these", in lists.
NONE_OF_THESE = "none"


@dataclass(frozen=True)
class Field:
    """
    One target of the mapping.

    ``kind``: text, long, choice, choices, flag, date, money, person, unit, code, tags.
    ``takes_many``: several columns may fill it; texts are joined, lists united.
    ``choices``: slug -> words for kinds choice and choices. A ``flag`` puts ``member`` into the
    list ``part_of`` when the cell says yes.
    """

    key: str
    label: str
    kind: str
    group: str
    takes_many: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    part_of: str = ""
    member: str = ""
    max_length: int = 0


def _catalogue() -> dict[str, Field]:
    fields = [
        Field("name", "Name", "text", "Identity", max_length=500),
        Field("reference", "Id in the other list", "text", "Identity", max_length=200),
        Field("purpose", "Purpose", "long", "Identity", takes_many=True),
        Field("kind", "Kind", "choice", "Identity", choices=choices.KINDS),
        Field("tags", "Tags", "tags", "Identity", takes_many=True, max_length=200),
    ]
    for level in UNIT_LEVELS:
        fields += [
            Field(f"unit.{level}", f"Unit, level {level}", "unit", "Place", max_length=500),
            Field(
                f"unit.{level}.code", f"Unit code, level {level}", "code", "Place", max_length=100
            ),
        ]
    fields += [
        Field("stage", "Stage", "choice", "Progress", choices=_STAGE_NAMES),
        Field("status", "Status", "choice", "Progress", choices=choices.STATUSES),
        Field("status_sentence", "Status sentence", "long", "Progress"),
        Field("time_box_on", "Time box ends", "date", "Progress"),
        Field("planned_start_on", "Planned start", "date", "Progress"),
        Field("planned_end_on", "Planned end", "date", "Progress"),
        Field("started_on", "Started", "date", "Progress"),
        Field("ended_on", "Ended", "date", "Progress"),
    ]
    for slug, name in _STAGE_NAMES.items():
        fields += [
            Field(f"date.{slug}.actual", f"{name} reached on", "date", "Progress"),
            Field(f"date.{slug}.planned", f"{name} planned for", "date", "Progress"),
        ]
    fields += [Field(key, label, "person", "People") for key, label in OWNERS.items()]
    fields += [
        Field("ai_type", "AI type", "choice", "Nature", choices=choices.AI_TYPES),
        Field("modality", "Modality", "choice", "Nature", choices=choices.MODALITIES),
        Field(
            "deployment_target", "Deployment target", "choice", "Nature",
            choices=choices.DEPLOYMENT_TARGETS,
        ),
        Field("autonomy", "Autonomy", "choice", "Nature", choices=choices.AUTONOMIES),
        Field("vendor", "Vendor", "text", "Nature", max_length=300),
        Field("sourcing", "Build or buy", "choice", "Nature", choices=choices.SOURCINGS),
        Field(
            "data_classes", "Data classes", "choices", "Data and risk", takes_many=True,
            choices=choices.DATA_CLASSES,
        ),
        Field(
            "risk_flags", "Risk flags", "choices", "Data and risk", takes_many=True,
            choices=choices.RISK_FLAGS,
        ),
    ]  # fmt: skip
    for slug, name in choices.DATA_CLASSES.items():
        fields.append(_flag("data_classes", slug, f"Uses: {name.lower()}"))
    for slug, name in choices.RISK_FLAGS.items():
        fields.append(_flag("risk_flags", slug, name))
    fields.append(Field("expected_value", "Expected value", "money", "Money"))
    return {each.key: each for each in fields}


def _flag(part_of: str, member: str, label: str) -> Field:
    return Field(
        f"{part_of}.{member}", f"{label} (yes/no)", "flag", "Data and risk",
        part_of=part_of, member=member,
    )  # fmt: skip


FIELDS: dict[str, Field] = _catalogue()
