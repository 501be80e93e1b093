from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "governance_app.files"
    label = "files"
