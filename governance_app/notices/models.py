"""What people were told, and how each wants to hear of it."""

from typing import Self

from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.initiatives.models import SavedView
from governance_app.people.models import User


class OwnQuerySet(models.QuerySet["Notice"]):
    """Notices are their addressee's and nobody else's."""

    def visible_to(self, viewer: User) -> Self:
        """Keep what was told to the viewer."""
        return self.filter(person=viewer)


class Notice(Row):
    """
    Something a person was told. It stands in the inbox; it leaves by mail or webhook when
    ``leaves_at`` has come, unless it was read before.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    page = models.CharField(max_length=500, blank=True, help_text="Path of what it is about.")
    dedupe = models.CharField(max_length=240)
    read_at = models.DateTimeField(null=True, blank=True)
    leaves_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["person", "dedupe"], name="notices_told_once")
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(read_at=None), name="notices_unread"),
            models.Index(
                fields=["leaves_at"],
                condition=Q(left_at=None, leaves_at__isnull=False),
                name="notices_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WatchQuerySet(models.QuerySet["ViewWatch"]):
    """Who watches which view is theirs to know."""

    def visible_to(self, viewer: User) -> Self:
        """Keep what the viewer watches."""
        return self.filter(person=viewer)


class ViewWatch(Row):
    """
    Somebody hears daily or weekly what changed in a saved view; only they change that.

    ``seen`` holds what the view showed them last: key of an initiative -> its cells, as
    ``notices.watching`` keeps them.
    """

    class Every(models.TextChoices):
        DAILY = "daily", "daily"
        WEEKLY = "weekly", "weekly"

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="view_watches")
    every = models.CharField(max_length=6, choices=Every)
    seen = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    objects = WatchQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("seen")
        constraints = [
            models.UniqueConstraint(fields=["view", "person"], name="notices_view_watched_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} watches {self.view}"


class Choices(Row):
    """
    How a person wants to hear of things. No row: the defaults.

    ``when``: kind -> now, daily, weekly or never; a kind that is missing keeps its default.
    ``hook_sealed``: the address of a Slack or Teams webhook, encrypted. ``feed_digest``: hash
    of the secret in the address of the person's calendar.
    """

    class Hook(models.TextChoices):
        NONE = "", "None"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="notice_choices")
    when = models.JSONField(default=dict)
    letter_at = models.PositiveSmallIntegerField(default=7)
    weekday = models.PositiveSmallIntegerField(default=0)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    by_mail = models.BooleanField(default=True)
    hook = models.CharField(max_length=10, choices=Hook, default=Hook.NONE, blank=True)
    hook_sealed = models.TextField(blank=True)
    feed_digest = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta(Row.Meta):
        triggers = capture("hook_sealed", "feed_digest")
        constraints = [
            models.CheckConstraint(condition=Q(letter_at__lte=23), name="notices_letter_hour"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="notices_weekday"),
        ]

    def __str__(self) -> str:
        return f"How {self.person} hears of things"
