from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "governance_app.exports"
    label = "exports"
