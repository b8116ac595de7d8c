"""The launcher's promises, shown with real processes."""
import os
def test_database_url():
    assert os.environ["DATABASE_URL"].startswith("postgresql://")
