"""The daily rounds: what they found, what somebody should do about it, and whose duty it is."""
