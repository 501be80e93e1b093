"""One archive with everything an installation holds, and an installation made of one again."""
