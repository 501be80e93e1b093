"""Spend: explored by any dimension, the bills behind it, and the rules that allocate it."""

from portfolio.web.spend import bills, explore, plan, rules

urlpatterns = [*explore.urlpatterns, *bills.urlpatterns, *rules.urlpatterns, *plan.urlpatterns]

__all__ = ["urlpatterns"]
