"""Telling people: what reaches them, how each chose, and what is looked for to tell."""

from governance_app.notices.services.news import tell_news
from governance_app.notices.services.reminding import remind
from governance_app.notices.services.telling import (
    choose,
    end_feed,
    let_go,
    mark,
    renew_feed,
    send_mail,
    set_hook,
    tell,
    try_hook,
)
from governance_app.notices.services.watching import look_at_views, watch_view

__all__ = [
    "choose",
    "end_feed",
    "let_go",
    "look_at_views",
    "mark",
    "remind",
    "renew_feed",
    "send_mail",
    "set_hook",
    "tell",
    "tell_news",
    "try_hook",
    "watch_view",
]
