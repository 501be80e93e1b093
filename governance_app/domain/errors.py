"""The one kind of error whose text a person may read."""


class Sentence(Exception):
    """
    Something a person did that cannot be done, said so that they can mend it.

    ``str(error)`` is the sentence shown. For file input it may name where: ``file``
    (name as uploaded), ``row`` (1-based, the header is row 1), ``column`` (header
    text) and the offending ``value``.
    """

    def __init__(
        self,
        sentence: str,
        *,
        file: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
    ) -> None:
        super().__init__(sentence)
        self.file, self.row, self.column, self.value = file, row, column, value

    @property
    def where(self) -> str:
        """The place in words: ``bill.csv, row 7, column BilledCost``, or an empty string."""
        parts = [self.file, f"row {self.row}" if self.row is not None else ""]
        parts.append(f"column {self.column}" if self.column else "")
        return ", ".join(part for part in parts if part)
