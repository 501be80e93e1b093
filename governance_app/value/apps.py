from django.apps import AppConfig


class ValueConfig(AppConfig):
    name = "governance_app.value"
    label = "value"
