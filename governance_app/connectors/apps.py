from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "governance_app.connectors"
    label = "connectors"
