"""What gates refuse with."""

from governance_app.domain.errors import Sentence


class GateRefused(Sentence):
    """Something that cannot be done at a gate; says why."""
