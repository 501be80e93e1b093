"""The one-pager of an initiative: one page a board member could read, its passports behind."""
