"""
What a plug-in is: it reads one outside system, yields plain records, and writes nothing.

A plug-in knows no Django, no database and no job. It declares its settings (and which of
them are secret), says whether a set of settings works, and pulls what is new in batches.
The program stores each batch whole or not at all, so a run that breaks off keeps what it
has finished. ``plugins/demo.py`` is the one to copy.
"""

import contextlib
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, BinaryIO, ClassVar

from governance_app.domain.errors import Sentence
from governance_app.domain.records import (
    DatasetRecord,
    FlowRecord,
    ModelRecord,
    ModelVersionRecord,
    ReadingRecord,
    SeatRecord,
    WorkItemRecord,
)

Record = (
    ModelRecord
    | ModelVersionRecord
    | DatasetRecord
    | FlowRecord
    | ReadingRecord
    | SeatRecord
    | WorkItemRecord
)
Settings = Mapping[str, Any]
Watermark = Mapping[str, Any]

EMPTY: Mapping[str, Any] = MappingProxyType({})


class SourceError(Sentence):
    """
    The outside system could not be read; the sentence says what happened and what to do.

    ``is_permanent``: waiting will not help, a person has to change something.
    ``retry_in`` (seconds): how long the source asked us to wait, when it did.
    """

    is_permanent = False

    def __init__(self, sentence: str, *, retry_in: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_in = retry_in


class PassingError(SourceError):
    """Busy, unreachable or broken off: the same call may work later."""


class PermanentError(SourceError):
    """Wrong address, credentials, permission or content: the same call will fail again."""

    is_permanent = True


@contextlib.contextmanager
def shaped_as_documented(source: str) -> Iterator[None]:
    """
    Turn what a row of another shape does to its reader into a sentence.

    Raises:
        PermanentError: a field is missing or of another kind.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise PermanentError(
            f"{source} answers rows of another shape than documented"
            f" ({type(error).__name__}: {error}). Is it the right kind of source?"
        ) from error


class Brings(StrEnum):
    """What a source feeds; the value is the word shown."""

    SPEND = "spend"
    MODELS = "models"
    READINGS = "readings"
    SEATS = "seats"
    ITEMS = "milestones"


class SettingKind(StrEnum):
    """How a setting is asked for and checked."""

    TEXT = "text"
    ADDRESS = "address"
    FOLDER = "folder"
    SWITCH = "switch"
    CHOICE = "choice"
    LINES = "lines"


@dataclass(frozen=True)
class Setting:
    """
    One thing a person enters to set a connection up; the form is drawn from these.

    A secret one is stored sealed and never shown again.
    """

    name: str
    title: str
    kind: SettingKind = SettingKind.TEXT
    is_secret: bool = False
    is_required: bool = False
    default: str | bool = ""
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def clean(self, value: Any) -> str | bool:
        """
        Give the value as the plug-in will receive it.

        Raises:
            PermanentError: it is missing, or not of this kind.
        """
        if self.kind is SettingKind.SWITCH:
            return value in (True, "on", "true", "1", "yes")
        text = str(value if value is not None else "").strip() or str(self.default)
        if not text and self.is_required:
            raise PermanentError(f"{self.title} is missing.")
        if text and self.kind is SettingKind.CHOICE and text not in dict(self.choices):
            known = ", ".join(slug for slug, _ in self.choices)
            raise PermanentError(f"{self.title} must be one of {known}, not {text!r}.")
        if text and self.kind is SettingKind.ADDRESS and "://" not in text:
            raise PermanentError(
                f"{self.title} {text!r} needs its scheme: write https://{text} or http://{text}."
            )
        return text


@dataclass(frozen=True)
class Check:
    """One thing that *Test* tried: what, whether it worked, and what it found or lacks."""

    title: str
    is_ok: bool
    sentence: str


def tried(title: str, call: Callable[[], str], *, needs: str = "") -> Check:
    """
    Do one step of *Test*: ``call`` gives what it found, or fails with what is missing.

    Args:
        needs: the permission this step takes, in the vendor's own name.
    """
    try:
        with shaped_as_documented("The source"):
            return Check(title, True, call())
    except PermanentError as error:
        return Check(title, False, f"{error} It takes {needs}." if needs else str(error))
    except SourceError as error:
        return Check(title, False, str(error))


@dataclass(frozen=True)
class Window:
    """The days a run is asked for, both included; plug-ins that read it all may ignore it."""

    since: dt.date
    until: dt.date


@dataclass(frozen=True)
class Reach:
    """
    What the administrator lets plug-ins reach beyond public addresses.

    ``hosts``: ``host:port`` or ``network/prefix:port`` entries that may be private;
    ``folders``: local folders below which files may be read.
    """

    hosts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Errand:
    """
    What a plug-in is sent for.

    ``settings``: cleaned values by name, secrets included; never put them into a message.
    ``watermark``: the marks that stored batches left; empty on the first run.
    ``linked``: names of models that a person linked to an initiative, whose readings are
    wanted though no tag at the source says so. ``now``: the moment of the run. ``held``:
    what the program holds of this source, by record type: names of models and datasets,
    (model, version) of versions.
    """

    settings: Settings
    window: Window
    watermark: Watermark = field(default_factory=dict)
    reach: Reach = Reach()
    linked: frozenset[str] = frozenset()
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    held: Mapping[type[Record], frozenset[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class FilePart:
    """
    One file of a delivery, still unread.

    ``identity`` changes whenever the bytes may have (ETag, or size and time). ``open`` gives
    the bytes and raises PassingError when they are no longer what was listed.
    """

    name: str
    identity: str
    open: Callable[[], BinaryIO]
    size_bytes: int | None = None


@dataclass(frozen=True)
class Delivery:
    """
    A complete snapshot of one scope: it replaces every earlier one of that scope and period.

    ``period``: first of the billing month, or None when only the lines tell.
    ``version``: equal versions are the same delivery; ``made_at`` orders them, whatever the
    order of arrival. ``declared_rows`` and ``declared_billed`` (currency -> amount) are
    control totals that the source vouches for. ``still`` is called once every part was read and
    raises ``PassingError`` when the source has delivered anew meanwhile.
    """

    scope: str
    version: str
    made_at: dt.datetime
    parts: tuple[FilePart, ...]
    period: dt.date | None = None
    declared_rows: int | None = None
    declared_billed: Mapping[str, Decimal] = field(default_factory=dict)
    still: Callable[[], None] | None = None


@dataclass(frozen=True)
class Refusal:
    """Something the source holds that was not taken over, and why."""

    what: str
    sentence: str


@dataclass(frozen=True)
class Batch:
    """
    Some of what a source holds: stored whole or not at all.

    ``stage``: what is being read, for the progress line ("Versions").
    ``total``: how many records of this stage there are, when the source says.
    ``complete``: record types whose listing ends with this batch; what the program holds
    of them and has not met in this run has gone from the source.
    ``gone``: names of things that left a source which cannot be listed by type.
    ``marks``: entries of the watermark that this batch sets once it is stored (None removes
    one); a batch that could not be stored leaves them, so the next run meets it again.
    """

    stage: str
    records: tuple[Record, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    refused: tuple[Refusal, ...] = ()
    gone: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    complete: frozenset[type[Record]] = field(default_factory=frozenset)
    total: int | None = None
    marks: Mapping[str, Any] = field(default_factory=dict)


class Plugin(ABC):
    """
    One kind of source. A module in ``plugins/`` holds one subclass and is found by itself.

    ``requires`` names modules of a vendor's SDK and the extra that brings them; they are
    imported inside methods only, so a missing one disables this plug-in and no other.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    brings: ClassVar[tuple[Brings, ...]]
    settings: ClassVar[tuple[Setting, ...]]
    requires: ClassVar[Mapping[str, str]] = EMPTY
    is_example: ClassVar[bool] = False

    @abstractmethod
    def test(self, errand: Errand) -> list[Check]:
        """Try the settings step by step; a failed step says what is missing by name."""

    @abstractmethod
    def pull(self, errand: Errand) -> Iterator[Batch]:
        """
        Yield what the source holds now; the same source yields the same batches again.

        Raises:
            SourceError: passing or permanent; batches yielded before it stay valid.
        """

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        """
        Check what a person entered against the declared settings.

        Raises:
            PermanentError: a name is unknown, a value is missing or of the wrong kind.
        """
        known = {setting.name: setting for setting in self.settings}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise PermanentError(
                f"{self.title} has no setting {', '.join(unknown)};"
                f" it has {', '.join(known) or 'none'}."
            )
        return {name: setting.clean(values.get(name)) for name, setting in known.items()}

    @property
    def secret_names(self) -> frozenset[str]:
        """Names of the settings that are stored sealed."""
        return frozenset(setting.name for setting in self.settings if setting.is_secret)
