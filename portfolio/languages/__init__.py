"""Translations without gettext's programs: texts found in pages, kept in a file, compiled."""
