"""Compliance: frameworks and their coverage, classes, assessments, policies, registers."""

from portfolio.web.compliance.addresses import urlpatterns

__all__ = ["urlpatterns"]
