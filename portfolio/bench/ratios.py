"""What a measurement gives: ratios with their bounds, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """
    One measured ratio and the bound it must keep.

    ``target``: the ratio may be at most that much. ``note``: the seconds or bytes behind it.
    """

    name: str
    ratio: float
    target: float
    note: str = ""

    @property
    def is_ok(self) -> bool:
        return self.ratio <= self.target

    def as_json(self) -> dict[str, object]:
        """Give the ratio for programs."""
        return {
            "name": self.name,
            "ratio": round(self.ratio, 4),
            "target": self.target,
            "ok": self.is_ok,
            "note": self.note,
        }


def of_medians(
    name: str, ours: Sequence[float], theirs: Sequence[float], *, target: float, note: str = ""
) -> Ratio:
    """Compare the medians of two series of seconds."""
    mine, other = median(ours), median(theirs)
    said = f"{mine:.2f} s of {other:.2f} s{f'; {note}' if note else ''}"
    return Ratio(name, mine / other, target, said)


def table(ratios: Sequence[Ratio]) -> str:
    """Write ratios for people, one a line, the missed ones marked."""
    width = max((len(one.name) for one in ratios), default=0)
    lines = [f"{'measured':{width}}  ratio    at most", ""]
    lines += [
        f"{one.name:{width}}  {one.ratio:<7.3f}  {one.target:<7g}  "
        f"{'   ' if one.is_ok else 'NO '} {one.note}"
        for one in ratios
    ]
    return "\n".join(lines)
