from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "governance_app.oversight"
    label = "oversight"
