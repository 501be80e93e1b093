from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "governance_app.gates"
    label = "gates"
