"""Who was trained to decide at gates for others."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import User
from governance_app.people.querysets import ScopedQuerySet


class Training(Row):
    """
    Somebody was trained to stand in at gates; somebody else says so, with where that is proven.

    It counts for a while that a dated setting names; rows are added, never changed.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gate_training")
    trained_on = models.DateField()
    reference = models.CharField(max_length=300, help_text="Course or record that proves it.")
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gate_training_noted")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["person", "trained_on"], name="gates_training_once_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("noted_by")), name="gates_nobody_trains_themselves"
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="gates_training_is_proven_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, trained on {self.trained_on}"
