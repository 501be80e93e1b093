"""Keeping addresses of the explorer."""

from urllib.parse import parse_qsl, urlencode

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import SavedView, ViewPin
from governance_app.people import access
from governance_app.people.models import User


@recorded
def save_view(*, name: str, query: str, by: User, is_shared: bool = False) -> SavedView:
    """
    Keep an address under a name; one of the same name of the same person is replaced.

    Raises:
        Sentence: the name is blank or too long.
        Refused: ``by`` may see nothing at all.
    """
    _may_look(by)
    name = " ".join(name.split())
    if not name:
        raise Sentence("A view needs a name.")
    if len(name) > 80:
        raise Sentence(f"The name holds {len(name)} characters; the most is 80.")
    pairs = [(key, value) for key, value in parse_qsl(query.lstrip("?")) if key != "page"]
    values = {"query": urlencode(pairs), "is_shared": is_shared}
    view, made = SavedView.objects.select_for_update().get_or_create(
        owner=by, name=name, defaults=values
    )
    if not made:
        save_changes(view, **values)
    return view


@recorded
def share_view(*, view: SavedView, is_shared: bool, by: User) -> SavedView:
    """Show a view to everybody, or keep it to its owner again; its rows stay cut to the reader."""
    _own(view, by)
    row = SavedView.objects.select_for_update().get(pk=view.pk)
    save_changes(row, is_shared=is_shared)
    return row


@recorded
def remove_view(*, view: SavedView, by: User) -> None:
    """Forget a view and everybody's pins of it."""
    _own(view, by)
    ViewPin.objects.filter(view=view).delete()
    view.delete()


@recorded
def pin_view(*, view: SavedView, is_pinned: bool, by: User) -> None:
    """Keep a view at hand, or no longer; each person for themselves."""
    _may_look(by)
    if not SavedView.objects.visible_to(by).filter(pk=view.pk).exists():
        raise Sentence("This view is not shared.")
    if is_pinned:
        ViewPin.objects.get_or_create(view=view, person=by)
    else:
        ViewPin.objects.filter(view=view, person=by).delete()


def _may_look(by: User) -> None:
    if not access.can_anywhere(by, "view"):
        access.require(by, "view")


def _own(view: SavedView, by: User) -> None:
    if view.owner_id != by.pk:
        raise Sentence(f"“{view}” belongs to {view.owner.name}; save it under a name of your own.")
