from django.apps import AppConfig


class RollupsConfig(AppConfig):
    name = "governance_app.rollups"
    label = "rollups"
