"""The form in which policies are written: read from what was typed, changed, shown, turned back."""
