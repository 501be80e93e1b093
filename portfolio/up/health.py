"""Ask the running site how it is."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field

# The launcher asks its own loopback address; a proxy of the environment has no part in that.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Health:
    """What /healthz said: whether all is well and a sentence for each part that is not."""

    is_well: bool
    troubles: dict[str, str] = field(default_factory=dict)


def ask_health(address: str, *, timeout_seconds: float = 5.0) -> Health:
    """Ask once; a site that does not answer is not well."""
    try:
        with _OPENER.open(f"{address}/healthz", timeout=timeout_seconds) as answer:
            return _read(answer.read(), is_well=True)
    except urllib.error.HTTPError as error:
        return _read(error.read(), is_well=False)
    except OSError:
        return Health(is_well=False, troubles={"web": "does not answer yet"})


def _read(body: bytes, *, is_well: bool) -> Health:
    try:
        parts = json.loads(body)["parts"]
        troubles = {name: part["says"] for name, part in parts.items() if not part["is_well"]}
    except (ValueError, KeyError, TypeError):
        return Health(is_well=False, troubles={"web": "answers with something else than health"})
    return Health(is_well=is_well, troubles=troubles)
