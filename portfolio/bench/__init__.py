"""
Measuring how fast the product is, as ratios taken inside one run.

``manage.py bench`` is the door. Every measurement runs in a process of its own over a database
of its own, on a PostgreSQL of its own with the settings of an installation; nothing of the
installation is touched. No page or job imports this package.
"""
