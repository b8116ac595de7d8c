"""What is handed out, the app's web export and the wheel, holds no secret key and handles no card (PAY-02, PAY-24)."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tools.card_scan import card_numbers
from tools.secret_scan import scan_text

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"\b(?:[sr]k_(?:live|test)_|whsec_)\w+")
CARD_FIELD = re.compile(
    r"card\[(?:number|cvc)\]|\bcc-(?:number|csc|exp)\b|\b(?:card_?number|cvc|cvv|pan)\b\s*[:=]", re.IGNORECASE
)
"""What a form, a schema or a request that takes cards itself would have to say."""
PUBLIC = {"sk_test_sandbox", "whsec_sandbox", "password"}
"""The sandbox's own, known to everybody: env.py refuses them in production."""
PLAYS = ("sandbox/*", "simulator/customers/card.py")
"""Play Stripe and people with their test cards; only development starts them."""


def _found(name: str, text: str) -> list[str]:
    secrets = [*(one[0] for one in SECRET.finditer(text)), *(one.text for one in scan_text(name, text))]
    return [secret for secret in secrets if secret not in PUBLIC] + card_numbers(text)


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".js", ".html", ".json", ".css", ".map", ".py", ".txt", ".webmanifest"):
            yield str(path.relative_to(folder)), path.read_text(errors="replace")


@pytest.mark.req("PAY-02", "PAY-24", "PAY-29")
def test_the_web_export_holds_no_secret_key_and_no_card_field(app_export: Path) -> None:
    texts = dict(_texts(app_export))
    assert any(name.endswith(".js") and "publishable_key" in text for name, text in texts.items())
    assert {name: found for name, text in texts.items() if (found := _found(name, text))} == {}
    assert {name for name, text in texts.items() if SECRET.search(text) or CARD_FIELD.search(text)} == set()


def _who_imports(*modules: str) -> set[str]:
    """Return the app's files that import one of the modules, types alone left aside."""
    line = re.compile(rf"^import (?!type\b).*from '(?:{'|'.join(map(re.escape, modules))})';$", re.MULTILINE)
    sources = ROOT / "app" / "src"
    return {str(path.relative_to(sources)) for path in sources.rglob("*.ts*") if line.search(path.read_text())}


@pytest.mark.req("C28", "PAY-03")
def test_the_web_pays_by_elements_and_the_phones_by_the_payment_sheet(app_export: Path) -> None:
    web = [text for name, text in _texts(app_export) if name.endswith(".js")]
    assert any(".elements(" in text for text in web)
    assert not any("PaymentSheet" in text for text in web)
    assert _who_imports("@stripe/stripe-react-native") == {"lib/payments/payments.native.ts"}
    assert _who_imports("@stripe/stripe-js", "@stripe/stripe-js/pure") == {"lib/payments/load-stripe.ts"}
    assert _who_imports("./load-stripe", "@/lib/payments/load-stripe") == {"lib/payments/payments.web.tsx"}
    phones = (ROOT / "app" / "src" / "lib" / "payments" / "payments.native.ts").read_text()
    assert all(f"await {call}(" in phones for call in ("initPaymentSheet", "presentPaymentSheet"))


def _wheel() -> Iterator[tuple[str, str]]:
    """Yield the files that the build takes, by the rules of pyproject.toml."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for package in rules["packages"]:
        for name, text in _texts(ROOT / package):
            full = f"{Path(package).name}/{name}"
            if not any(fnmatch(full, pattern) for pattern in rules["exclude"]):
                yield full, text


def _plays(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in PLAYS)


@pytest.mark.req("PAY-02", "PAY-24", "PAY-29")
def test_the_wheel_holds_no_secret_key_and_only_those_who_play_handle_cards() -> None:
    texts = dict(_wheel())
    assert {"codepop/payments/api.py", "config/env.py", "sandbox/config.py"} <= set(texts)
    ours = {name: text for name, text in texts.items() if not _plays(name)}
    assert {name: found for name, text in ours.items() if (found := _found(name, text))} == {}
    assert {name for name, text in ours.items() if CARD_FIELD.search(text)} == set()
    assert {name for name, text in ours.items() if SECRET.search(text)} == {"config/env.py"}


@pytest.mark.req("PAY-24", "PAY-29")
@pytest.mark.parametrize(
    "text", ["key='sk_" + "live_abc'", "whsec_" + "0123456789", "n='4242424242424242'", "rk_" + "test_x1"]
)
def test_the_scan_finds_what_it_looks_for(text: str) -> None:
    assert _found("any.js", text)


@pytest.mark.req("PAY-02")
@pytest.mark.parametrize(
    "text", ['"card[number]": n', '<input autocomplete="cc-number">', "cvc: Text", "card_number = 1"]
)
def test_the_scan_knows_a_card_field(text: str) -> None:
    assert CARD_FIELD.search(text)
