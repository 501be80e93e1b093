"""Telling the versions of FOCUS apart, and bringing 1.0 to 1.3 to the names of 1.4."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance_app.domain.errors import Sentence
from governance_app.spend.focus.columns import AI_COLUMNS, BY_NAME, CANONICAL, NEVER_NULL

#: Names that only one native export has -> (what the file is, which export to order instead).
NATIVE = {
    "metercategory": ("a native Azure usage file", "a FOCUS export in Cost Management"),
    "metersubcategory": ("a native Azure usage file", "a FOCUS export in Cost Management"),
    "lineitemusageamount": ("an AWS Cost and Usage Report", "a FOCUS export in AWS Data Exports"),
    "lineitemunblendedcost": ("an AWS Cost and Usage Report", "a FOCUS export in AWS Data Exports"),
    "usagestarttime": ("a Google Cloud billing export", "the FOCUS export to BigQuery"),
}

#: Where a canonical column comes from, per version, when the file does not have it itself.
UPCASTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "1.0": {
        "ServiceProviderName": ("ProviderName",),
        "InvoiceId": ("x_InvoiceId",),
        "SkuMeter": ("x_SkuMeterName", "x_UsageType"),
        "ServiceSubcategory": ("x_ServiceSubcategory",),
    },
    "1.1": {"ServiceProviderName": ("ProviderName",), "InvoiceId": ("x_InvoiceId",)},
    "1.2": {"ServiceProviderName": ("ProviderName",)},
    "1.3": {"ServiceProviderName": ("ProviderName",)},
    "1.4": {},
}
#: In every version: columns of the next draft, under their ``x_`` names.
DRAFT = {"x_PrincipalId": ("PrincipalId",), "x_CredentialId": ("CredentialId",)}


def folded(name: str) -> str:
    """
    Give a column name as it is compared: ``billed_cost`` and ``BilledCost`` are the same.

    >>> folded("Billed_Cost "), folded("lineItem/UsageAmount")
    ('billedcost', 'lineitemusageamount')
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


KNOWN = {folded(name): name for name in (*BY_NAME, *AI_COLUMNS)}


def standard_name(name: str) -> str:
    """Give the FOCUS spelling of a header, or the header itself when FOCUS does not know it."""
    stripped = name.strip().removeprefix("\ufeff").strip()
    return KNOWN.get(folded(stripped), stripped)


def detect(names: Iterable[str]) -> str:
    """
    Tell the version of FOCUS from the columns of a file (standard spelling).

    A file says nowhere which version it follows, so the newest column decides.

    >>> detect(["BilledCost", "ProviderName"]), detect(["BilledCost", "ProviderName", "InvoiceId"])
    ('1.0', '1.2')
    """
    present = set(names)
    if "ServiceProviderName" in present and "ProviderName" not in present:
        return "1.4"
    known = [BY_NAME[name].since for name in present if name in BY_NAME]
    # Azure's 1.0 files carry InvoiceId and others early only under an x_ name.
    return max(known, default="1.0")


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    How a file is read: its version, and for each canonical column the received ones to try.

    ``others``: received columns that FOCUS does not know; the archive keeps them as they are.
    """

    version: str
    sources: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """Every received column that some canonical one is read from."""
        return tuple(dict.fromkeys(name for names in self.sources.values() for name in names))


def map_columns(names: Iterable[str], *, file: str = "") -> Mapped:
    """
    Say for each canonical column which received columns carry it.

    Raises:
        Sentence: the file is not FOCUS, or lacks a column without which nothing can be counted.
    """
    present = list(names)
    version = detect(present)
    sources: dict[str, tuple[str, ...]] = {}
    for target in (*CANONICAL, *AI_COLUMNS):
        candidates = (target, *UPCASTS[version].get(target, ()), *DRAFT.get(target, ()))
        found = tuple(name for name in candidates if name in present)
        if found:
            sources[target] = found
    missing = [name for name in NEVER_NULL if name not in sources]
    if "ServiceProviderName" not in sources:
        missing.append("ProviderName (ServiceProviderName since FOCUS 1.3)")
    if missing:
        _refuse_foreign(present, file)
        raise Sentence(
            f"{file or 'The file'} looks like FOCUS {version} but lacks "
            f"{'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)}. "
            "Without them no line can be counted; order the export with all columns.",
            file=file,
            row=1,
            column=missing[0].split(" ")[0],
        )
    known = {*BY_NAME, *AI_COLUMNS}
    return Mapped(version, sources, tuple(name for name in present if name not in known))


def _refuse_foreign(names: list[str], file: str) -> None:
    known = sum(name in BY_NAME for name in names)
    for name in names:
        if (what := NATIVE.get(folded(name))) is not None:
            raise Sentence(
                f"{file or 'The file'} is {what[0]} (it has the column {name}), not a FOCUS "
                f"file. Order {what[1]} and import that.",
                file=file,
                row=1,
                column=name,
            )
    if known >= len(NEVER_NULL) // 2:
        return
    raise Sentence(
        f"{file or 'The file'} is not a FOCUS bill: its first row names "
        f"{', '.join(names[:6]) or 'no columns'}{' ...' if len(names) > 6 else ''}, and "
        f"{'none' if not known else f'only {known}'} of them are FOCUS columns such as BilledCost.",
        file=file,
        row=1,
    )
