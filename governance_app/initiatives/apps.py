from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    name = "governance_app.initiatives"
    label = "initiatives"
