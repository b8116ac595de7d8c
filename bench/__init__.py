"""Measurements of a running system: they talk HTTP and SQL, and read processor time from /proc."""
