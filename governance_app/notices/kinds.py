"""What people are told about; each chooses when each kind reaches them outside the inbox."""

from dataclasses import dataclass

from governance_app.notices.timing import When


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of notice. ``slug`` is the template of its letter, ``page`` where it leads when the
    notice itself names nothing. ``is_letter``: somebody waits for this very mail, so it leaves
    as it is and no choice delays it.
    """

    slug: str
    title: str
    sentence: str
    when: When = "now"
    page: str = ""
    is_letter: bool = False


KINDS = {
    kind.slug: kind
    for kind in (
        Kind("daily-round", "Work for you", "What the daily round found and you answer for.",
             page="/governance/work/"),
        Kind("close-asked", "The close", "Somebody needs a word or an approval to close a month."),
        Kind("budget-alert", "Budgets", "Spend comes near a budget or passes it.", page="/spend/"),
        Kind("mention", "Mentions", "Somebody names you in a comment or an update."),
        Kind("follow", "What you follow", "An initiative that you follow changed.", when="daily"),
        Kind("reminder", "Reminders", "Something of yours is due soon, or late.", when="daily"),
        Kind("escalation", "Escalations",
             "Something that is late with another person comes to you next."),
        Kind("view", "Saved views",
             "What changed in views that you subscribed to, as often as you said there."),
        Kind("export-delivered", "Reports", "A report that somebody scheduled for you.",
             is_letter=True),
        Kind("password-reset", "Sign-in", "The link that you asked for.", is_letter=True),
    )
}  # fmt: skip
OTHER = Kind("other", "Everything else", "What belongs to none of the other kinds.")


def kind_of(template: str) -> Kind:
    """Give the kind of a letter's template."""
    return KINDS.get(template, OTHER)


#: The kinds a person chooses for, in the order of the page.
CHOSEN = tuple(kind for kind in (*KINDS.values(), OTHER) if not kind.is_letter)
