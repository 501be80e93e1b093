from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "governance_app.jobs"
    label = "jobs"
