"""What a posted form comes to: something done, or a sentence that stands beside the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused

Answer = TypeVar("Answer")
Act = TypeVar("Act", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Posted(Generic[Answer]):
    """What a form did, or why it could not; neither where the page is only looked at."""

    answer: Answer | None = None
    error: str = ""

    @property
    def status(self) -> int:
        return 422 if self.error else 200


def posted(request: HttpRequest, do: Callable[[], Answer]) -> Posted[Answer]:
    """
    Do what a form asks for, where one was sent.

    Raises:
        Refused: who asks may not; that is a page of its own.
    """
    if request.method != "POST":
        return Posted()
    try:
        return Posted(do())
    except Refused:
        raise
    except Sentence as refused:
        return Posted(error=str(refused))


def act_of(request: HttpRequest, acts: Mapping[str, Act]) -> Act:
    """
    Give what the form named in ``do`` does.

    Raises:
        Sentence: the page has no such form any more.
    """
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        raise Sentence("This form is out of date; load the page again.")
    return act
