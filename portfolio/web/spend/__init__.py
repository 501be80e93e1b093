"""Spend: explored by any dimension, the bills behind it, and the rules that allocate it."""

from portfolio.web.spend import anomalies, bills, explore, plan, rules, unit_costs

urlpatterns = [
    *explore.urlpatterns,
    *bills.urlpatterns,
    *rules.urlpatterns,
    *plan.urlpatterns,
    *anomalies.urlpatterns,
    *unit_costs.urlpatterns,
]

__all__ = ["urlpatterns"]
