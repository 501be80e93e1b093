"""Bringing a delivery of bills home: its bytes into the file store, its lines into the ledger."""
