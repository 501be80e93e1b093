"""A short invented list in the shape most companies keep theirs."""

from pathlib import Path

NAME = "sample-list.csv"


def content() -> bytes:
    """Give the list as a file's bytes."""
    return Path(__file__).with_name(NAME).read_bytes()
