"""Bytes as they were received, named by what they contain."""

from django.db import models

from governance_app.audit.rows import Row
from governance_app.people.models import User


class StoredFile(Row):
    """
    One content in the store: uploads, source files, archives, evidence.

    The same bytes are one row, whoever sends them and under whatever name; the row keeps
    the first name. It is never changed and never deleted while something points at it.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField(help_text="Bytes.")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stored_files")

    def __str__(self) -> str:
        return self.name
