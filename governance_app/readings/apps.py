from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "governance_app.readings"
    label = "readings"
