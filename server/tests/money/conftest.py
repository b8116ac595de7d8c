"""Every test of money begins with an empty queue and ends with a sandbox without faults."""

from collections.abc import Iterator

import pytest

from codepop.gateways.payments.stripe import gateway
from tests.stripe_side import empty_queue, sandbox


@pytest.fixture(autouse=True)
def _tidy(transactional_db: None, sandbox_url: str) -> Iterator[None]:
    empty_queue()
    gateway.cache_clear()  # a breaker that the test before opened is known for a second
    yield
    sandbox("/_sandbox/faults", method="DELETE")
