"""
Seals over the trail: what was written can be shown not to have changed since.

``making`` seals what waits, ``verifying`` recomputes all of it, ``proof`` shows that one event
is in its seal. ADR 14 says why it is done this way.
"""
