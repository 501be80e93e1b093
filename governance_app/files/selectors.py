"""Reading kept bytes. Whoever offers the door checks the permission of what the file belongs to."""

from pathlib import Path
from typing import BinaryIO

from governance_app.files import storage
from governance_app.files.models import StoredFile


def open_file(*, file: StoredFile) -> BinaryIO:
    """Open a kept file for reading."""
    return storage.open_content(file.sha256)


def local_path(*, file: StoredFile) -> Path:
    """Give a local path holding the content, for readers that need one; never write to it."""
    return storage.local_path(file.sha256)
