from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "governance_app.compliance"
    label = "compliance"
