"""Where the pages of the inventory are."""

from django.urls import path

from portfolio.web.inventory import bills, pages

urlpatterns = [
    path("inventory/", pages.models, name="inventory"),
    path("inventory/models/<uuid:model_id>/", pages.model, name="inventory-model"),
    path("inventory/models/<uuid:model_id>/link/", pages.link, name="inventory-link"),
    path(
        "inventory/models/<uuid:model_id>/links/<uuid:link_id>/end/",
        pages.unlink,
        name="inventory-unlink",
    ),
    path("inventory/datasets/", pages.datasets, name="inventory-datasets"),
    path("inventory/vendors/", pages.vendors, name="inventory-vendors"),
    path("inventory/bills/", bills.listed, name="inventory-bills"),
    path("inventory/bills/<uuid:bill_id>/", bills.bill, name="inventory-bill"),
]
