"""What the launcher says when it cannot go on."""


class LauncherError(Exception):
    """A sentence for the person at the terminal: what happened, to what, and what to do."""
