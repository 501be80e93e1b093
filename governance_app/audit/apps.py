from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "governance_app.audit"
    label = "audit"
    verbose_name = "The trail"
