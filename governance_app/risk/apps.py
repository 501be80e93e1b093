from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "governance_app.risk"
    label = "risk"
