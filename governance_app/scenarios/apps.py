from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "governance_app.scenarios"
    label = "scenarios"
