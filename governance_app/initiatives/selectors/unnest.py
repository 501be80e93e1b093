"""One row per element of an array column."""

from django.db.models import CharField, Func


class Unnest(Func):
    """PostgreSQL's ``unnest``; the rest of the row repeats for each element."""

    function = "unnest"
    arity = 1
    set_returning = True
    output_field = CharField()
