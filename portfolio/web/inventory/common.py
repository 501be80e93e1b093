"""What the pages of the inventory share."""

PAGE_SIZE = 50
TABS = (
    ("inventory", "Models"),
    ("inventory-datasets", "Datasets"),
    ("inventory-vendors", "Vendors"),
    ("inventory-bills", "Bills of materials"),
)
