"""The last line of defence: no address, card number or secret gets into a log line."""

import pytest

from codepop.core.log import redact


@pytest.mark.req("OBS-08")
@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("mail to ada@example.org failed", "mail to [e-mail] failed"),
        ("card 4242 4242 4242 4242 declined", "card [number] declined"),
        ("card 378282246310005 declined", "card [number] declined"),
        ("key sk_test_abc123 used", "key [secret] used"),
        ("pi_3Abc_secret_xyz", "[secret]"),
        ("order 0192f0c1-2b3c-7def-8123-456789abcdef", "order 0192f0c1-2b3c-7def-8123-456789abcdef"),
    ],
)
def test_texts(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_named_fields_and_nested_values() -> None:
    said = {"order_token": "abc", "facts": [{"client_secret": "x", "to": "ada@example.org"}], "n": 3}
    assert redact(said) == {
        "order_token": "[secret]",
        "facts": [{"client_secret": "[secret]", "to": "[e-mail]"}],
        "n": 3,
    }
