from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "governance_app.inventory"
    label = "inventory"
