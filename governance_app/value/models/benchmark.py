from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value import choices


class Benchmark(Row):
    """
    What the field aims at, from a day on, with its source: a band to show, no fact about anybody.
    """

    key = models.CharField(max_length=30, choices=choices.BENCHMARKS)
    from_on = models.DateField()
    low = models.DecimalField(max_digits=9, decimal_places=6)
    high = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    source = models.CharField(max_length=500)
    read_on = models.DateField(help_text="When the source said so.")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["key", "from_on"], name="value_benchmark_once_a_day"),
            models.CheckConstraint(
                condition=Q(low__gte=0) & (Q(high=None) | Q(high__gte=F("low"))),
                name="value_benchmark_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} from {self.from_on}"
