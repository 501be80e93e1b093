"""How a job ends when it does not end well."""

from governance_app.domain.errors import Sentence


class Passing(Sentence):
    """Waiting can help (a server is busy, a network is down): the job is tried again."""

    def __init__(self, sentence: str, *, retry_in: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_in = retry_in


class Permanent(Sentence):
    """Trying again changes nothing: the job has failed and a person must act."""


class Cancelled(Exception):
    """A person asked the job to stop; what it did so far is rolled back."""


class Aborted(Exception):
    """The worker is stopping: the job goes back into the queue."""
