"""Fixtures that every test may use. PostgreSQL and the sandbox come from tools/pytest_postgres.py."""
