"""Codes as a door controller checks them by itself."""

import pytest

from simulator.codes import opens, qr_text, short_code

KEY = bytes(range(32))
ORDER = "01a2079f-2773-714c-af41-d9a86d26c94c"
NONCE = 4711


def _opens(text: str, *, key: bytes = KEY, order_id: str = ORDER, nonce: int = NONCE, unix_now: float = 1000.0) -> bool:
    return opens(text, key=key, order_id=order_id, nonce=nonce, unix_now=unix_now)


@pytest.mark.req("D10")
def test_the_right_code_in_any_dress() -> None:
    """Small letters, spaces and dashes don't matter."""
    code = short_code(KEY, ORDER, NONCE)
    assert all(_opens(text) for text in (code, code.lower(), f"{code[:3]} {code[3:]}", f" {code[:3]}-{code[3:]} "))


@pytest.mark.req("D10")
def test_wrong_key_order_or_nonce() -> None:
    """A code belongs to one store, one order, one stay behind a door."""
    code = short_code(KEY, ORDER, NONCE)
    assert not _opens(code, key=bytes(32))
    assert not _opens(code, order_id=ORDER[:-1] + "d")
    assert not _opens(code, nonce=NONCE + 1)


@pytest.mark.req("D10")
def test_qr_text_until_it_expires() -> None:
    """A genuine text opens before its expiry and not from then on."""
    text = qr_text(KEY, ORDER, NONCE, 2000)
    assert _opens(text, unix_now=1999.9)
    assert not _opens(text, unix_now=2000)


@pytest.mark.req("D10")
@pytest.mark.parametrize("part", [1, 2, 3, 4])
def test_a_forged_qr_text(part: int) -> None:
    """Whatever is changed in it, later expiry included, it opens nothing."""
    parts = qr_text(KEY, ORDER, NONCE, 2000).split(".")
    parts[part] = parts[part][:-1] + ("1" if parts[part][-1] != "1" else "2")
    assert not _opens(".".join(parts))


@pytest.mark.parametrize("text", ["", "CP1", "CP1....", "CP1.a.b.c.d", "CP1.1.2.²3.4", "ÄÖÜ", "\x00", "9" * 10_000])
def test_nonsense(text: str) -> None:
    """Opens nothing and raises nothing."""
    assert not _opens(text)
