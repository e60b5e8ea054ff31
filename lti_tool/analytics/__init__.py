"""From facts to numbers: one formula for each, in ``metrics.py``; page objects in ``dashboards.py``."""
