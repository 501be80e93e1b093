"""Properties take the time they need: a busy machine must not fail a sum."""

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
