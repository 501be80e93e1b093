from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "governance_app.notices"
    label = "notices"
