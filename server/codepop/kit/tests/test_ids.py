"""UUIDv7: the layout of RFC 9562, unique, sorted by time."""

import time
from uuid import RFC_4122

from codepop.kit.ids import secret_token, uuid7


def test_version_variant_and_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert made.version == 7
    assert made.variant == RFC_4122
    assert before <= made.int >> 80 <= after


def test_ten_thousand_are_unique_and_later_ones_are_larger() -> None:
    ids = [uuid7() for _ in range(10_000)]
    assert len(set(ids)) == 10_000
    time.sleep(0.002)
    assert uuid7() > max(ids)


def test_secret_tokens_have_256_bits() -> None:
    assert len(secret_token()) == 43
    assert secret_token() != secret_token()
