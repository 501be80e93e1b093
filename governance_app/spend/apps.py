from django.apps import AppConfig


class SpendConfig(AppConfig):
    name = "governance_app.spend"
    label = "spend"
