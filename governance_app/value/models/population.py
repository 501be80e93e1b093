from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet


class PopulationHours(Row):
    """
    The hours paid for in a month to the people that benefits touch, from a month on.

    Only a set share of them can be freed by all initiatives together: METHOD section 3.
    """

    population = models.CharField(max_length=300, help_text="As benefits and KPIs name it.")
    from_month = models.DateField()
    paid_hours = models.DecimalField(max_digits=14, decimal_places=2)
    source = models.CharField(max_length=300, blank=True, help_text="Where the figure is from.")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["population", "from_month"], name="value_population_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(paid_hours__gt=0, from_month__day=1), name="value_population_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.population} from {self.from_month:%b %Y}"
