from django.db import models


class Event(models.Model):
    """
    One row change or one note in the ledger; written by the database, changed by nobody.

    The table lives in the schema ``ledger``, owned by the migrating role. The
    application's role may read it and call ``ledger.note``; nothing else.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    db_user = models.TextField()
    actor = models.UUIDField(null=True)
    request = models.TextField()
    job = models.TextField()
    via = models.TextField()
    table = models.TextField(db_column="tbl")
    op = models.TextField()
    row = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    sentence = models.TextField()

    class Meta:
        managed = False
        db_table = 'ledger"."event'

    def __str__(self) -> str:
        return self.sentence or f"{self.op} {self.table} {self.row}"


class Change(models.Model):
    """
    One changed row that upper layers have not absorbed yet.

    Written by the capture trigger, so nothing can forget to say that it changed;
    taken away by whoever absorbs it (``rollups``), inside the same transaction.
    """

    id = models.BigAutoField(primary_key=True)
    table = models.TextField(db_column="tbl")
    row = models.UUIDField(null=True)
    initiative = models.UUIDField(null=True)

    class Meta:
        db_table = "audit_change"

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
