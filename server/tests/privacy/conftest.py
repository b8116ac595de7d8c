"""Every test of privacy begins with an empty queue and mailbox, and ends with a sandbox without faults."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from codepop.gateways.mail.smtp import gateway
from codepop.gateways.payments.stripe import gateway as payment_gateway
from tests.mail_side import call
from tests.stripe_side import empty_queue


@pytest.fixture(autouse=True)
def _tidy(transactional_db: None, sandbox_url: str) -> Iterator[None]:
    empty_queue()
    cache.clear()
    call("/faults", method="DELETE")
    call("/mail/messages", method="DELETE")
    gateway().close()
    gateway.cache_clear()
    payment_gateway.cache_clear()
    yield
    call("/faults", method="DELETE")
