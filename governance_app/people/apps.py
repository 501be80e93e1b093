from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "governance_app.people"
    label = "people"
