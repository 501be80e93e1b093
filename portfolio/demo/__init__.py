"""The invented company behind `make demo`: generator, bills, loader and accounts."""
