"""The one-command launcher: embedded PostgreSQL and Valkey, web, worker and beat."""
