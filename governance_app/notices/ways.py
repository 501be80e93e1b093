"""How notices leave for a person: the hours they read letters, the address of their webhook."""

from pathlib import Path

from django.conf import settings

from governance_app.connectors import sealing
from governance_app.notices.models import Choices
from governance_app.notices.timing import Hours
from governance_app.people.models import User


def hours_of(person: User, choices: Choices | None) -> Hours:
    """Give when a person reads letters."""
    if choices is None:
        return Hours(zone=person.time_zone)
    return Hours(
        zone=person.time_zone,
        letter_at=choices.letter_at,
        weekday=choices.weekday,
        quiet_from=choices.quiet_from,
        quiet_until=choices.quiet_until,
    )


def sealed_address(choices: Choices, address: str) -> str:
    """Encrypt the address of a webhook for its row."""
    return sealing.seal({"address": address}, keys=_keys(), place=_place(choices))


def hook_address(choices: Choices) -> str:
    """Give the address of a person's webhook, for the delivery and nothing else."""
    opened = sealing.open_sealed(choices.hook_sealed, keys=_keys(), place=_place(choices))
    return str(opened["address"])


def _keys() -> list[str]:
    return sealing.keys_from(settings.SECRETS_KEY, file=Path(settings.VAR) / "secrets.key")


def _place(choices: Choices) -> str:
    return f"notices_choices/{choices.pk}/hook_sealed"
