"""The queue's tables are not Django's, so its test case does not empty them after a test that commits."""

import pytest
from django.db import connection

from tests.database_role import as_owner


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Forget the jobs that earlier tests of this process left."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
