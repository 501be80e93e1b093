"""The one clock of the queue: the database's, so that two machines cannot disagree."""

import datetime as dt

from django.db import connection


def database_now() -> dt.datetime:
    """Give the database's present moment (not the start of the transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment
