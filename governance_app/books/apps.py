from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "governance_app.books"
    label = "books"
