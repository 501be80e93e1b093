"""Finding initiatives by words, and by words that are spelled nearly so."""

from dataclasses import dataclass

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from governance_app.domain.phrases import phrase
from governance_app.initiatives.models import Initiative
from governance_app.initiatives.models.initiative import InitiativeQuerySet
from governance_app.people.models import User

#: Share of three-letter runs that a word must have in common with one in the text.
_NEAR = 0.45
_MOST_WORDS = 8


@dataclass(frozen=True)
class Search:
    """
    Words to search for: ``exact`` as they stand, ``near`` as nearly so.

    ``note`` says what was forgiven, or that nothing can be.
    """

    exact: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.exact or self.near)


def understand(*, viewer: User, text: str) -> Search:
    """
    Take each word of a search as it stands if anything the viewer sees has it, else as nearly so.

    Where the database cannot compare spellings, every word is taken as it stands and the note
    of a search without a find says so.
    """
    words = text.split()[:_MOST_WORDS]
    seen = Initiative.objects.visible_to(viewer)
    unknown = [word for word in words if not seen.filter(_holds(word)).exists()]
    if not unknown:
        return Search(tuple(words))
    if not _compares_spellings():
        said = ", ".join(f"“{word}”" for word in unknown)
        return Search(
            tuple(words),
            note=phrase(
                "Nothing holds {words}, and this database cannot look for similar spellings.",
                words=said,
            ),
        )
    near = [word for word in unknown if len(word) > 2 and _near(seen, word).exists()]
    exact = tuple(word for word in words if word not in near)
    said = ", ".join(f"“{word}”" for word in near)
    note = (
        phrase("Nothing holds {words}; this is what is spelled like it.", words=said)
        if near
        else ""
    )
    return Search(exact, tuple(near), note)


def found_by(rows: InitiativeQuerySet, search: str | Search) -> InitiativeQuerySet:
    """Keep the initiatives in which every word of a search is found."""
    wanted = Search(tuple(search.split())) if isinstance(search, str) else search
    for word in wanted.exact:
        rows = rows.filter(_holds(word))
    for position, word in enumerate(wanted.near):
        rows = _near(rows, word, f"near_{position}")
    return rows


def jump(*, viewer: User, text: str, limit: int = 7) -> QuerySet[Initiative]:
    """
    Give the few initiatives somebody most likely means by a few letters, best first.

    The key itself comes before a name that begins with the text, that before a name which holds
    it, and that before whatever else holds every word or is spelled nearly so.
    """
    words = understand(viewer=viewer, text=text)
    if not words:
        return Initiative.objects.none()
    rank = Case(
        When(key__iexact=text, then=Value(0)),
        When(name__istartswith=text, then=Value(1)),
        When(name__icontains=text, then=Value(2)),
        default=Value(3),
    )
    rows = found_by(Initiative.objects.visible_to(viewer), words).select_related("unit", "stage")
    return rows.annotate(rank=rank).order_by("rank", "name", "pk")[:limit]


def _holds(word: str) -> Q:
    return (
        Q(key__iexact=word)
        | Q(name__icontains=word)
        | Q(purpose__icontains=word)
        | Q(vendor__icontains=word)
        | Q(reference__icontains=word)
        | Q(unit__name__icontains=word)
        | Q(unit__code__iexact=word)
    )


def _near(rows: InitiativeQuerySet, word: str, name: str = "near") -> InitiativeQuerySet:
    likeness = Greatest(
        TrigramWordSimilarity(word, "name"),
        TrigramWordSimilarity(word, "vendor"),
        TrigramWordSimilarity(word, "unit__name"),
    )
    return rows.alias(**{name: likeness}).filter(**{f"{name}__gte": _NEAR})


def _compares_spellings() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])
