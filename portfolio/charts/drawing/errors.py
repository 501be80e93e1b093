"""What drawings refuse."""


class Unknown(ValueError):
    """A figure holds something that drawings do not know; the sentence names it."""
