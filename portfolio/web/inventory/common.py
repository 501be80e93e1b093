"""What the pages of the inventory share."""

from governance_app.domain.phrases import phrase

PAGE_SIZE = 50
TABS = (
    ("inventory", "Models"),
    ("inventory-datasets", "Datasets"),
    ("inventory-vendors", "Vendors"),
    ("inventory-bills", phrase("Bills of materials")),
)
