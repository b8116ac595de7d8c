"""What the start refuses: a missing key, a key of the other mode, more keys than a change needs."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import SANDBOX_SECRET_KEY, STRIPE_PER_SECOND, read_env

LIVE = {
    "CODEPOP_ENV": "production",
    "CODEPOP_SECRET_KEY": "x" * 50,
    "CODEPOP_ALLOWED_HOSTS": "codepop.example",
    "CODEPOP_PUBLIC_URL": "https://codepop.example",
    "CODEPOP_LIVE_URL": "https://live.codepop.example",
    "CODEPOP_KEYSETS": "{}",
    "STRIPE_SECRET_KEYS": "sk_live_now",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_now",
    "STRIPE_WEBHOOK_SECRETS": "whsec_now",
    "MAIL_HOST": "smtp.example",
    "MAIL_CREDENTIALS": "shop:secret",
    "MAIL_FROM": "CodePop <drinks@codepop.example>",
    "MAIL_WEBHOOK_SECRETS": "hook:secret",
    "MAIL_POSTAL_ADDRESS": "1 Example Way",
}
TEST = {
    "STRIPE_SECRET_KEYS": "sk_test_now",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_now",
    "STRIPE_WEBHOOK_SECRETS": "whsec_now",
}


@pytest.fixture
def base(tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": "postgresql://u:p@127.0.0.1/x", "CODEPOP_DATA": str(tmp_path)}


def _refusal(values: dict[str, str]) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_env(values)
    return str(refused.value)


@pytest.mark.req("PAY-25")
def test_each_mode_starts_with_its_own_keys(base: dict[str, str]) -> None:
    assert read_env(base | LIVE).stripe.secret_keys == ("sk_live_now",)
    assert read_env(base | LIVE | {"STRIPE_SECRET_KEYS": "rk_live_now"}).stripe.mode == "live"
    assert read_env(base | TEST).stripe.base_url is None
    assert read_env(base).stripe.secret_keys == (SANDBOX_SECRET_KEY,)


@pytest.mark.req("PAY-25", "KEY-01")
@pytest.mark.parametrize("key", ["sk_test_now", "rk_test_now", "sk_live_now,sk_test_next", "nonsense"])
def test_production_refuses_test_keys(base: dict[str, str], key: str) -> None:
    assert "STRIPE_SECRET_KEYS must start with sk_live_" in _refusal(base | LIVE | {"STRIPE_SECRET_KEYS": key})


@pytest.mark.req("PAY-25", "KEY-01")
@pytest.mark.parametrize("key", ["sk_live_now", "rk_live_now", "sk_test_now,sk_live_next"])
def test_development_refuses_live_keys(base: dict[str, str], key: str) -> None:
    assert "STRIPE_SECRET_KEYS must start with sk_test_" in _refusal(base | TEST | {"STRIPE_SECRET_KEYS": key})


@pytest.mark.req("PAY-25")
def test_the_publishable_key_must_be_of_the_same_mode(base: dict[str, str]) -> None:
    assert "of the other mode" in _refusal(base | LIVE | {"STRIPE_PUBLISHABLE_KEY": "pk_test_now"})
    assert "of the other mode" in _refusal(base | TEST | {"STRIPE_PUBLISHABLE_KEY": "pk_live_now"})


@pytest.mark.req("PAY-25")
@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEYS", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRETS"])
def test_production_never_falls_back_to_the_sandbox(base: dict[str, str], name: str) -> None:
    assert f"{name} is missing" in _refusal(base | LIVE | {name: ""})


@pytest.mark.req("PAY-26")
def test_two_keys_and_two_secrets_may_live_at_once(base: dict[str, str]) -> None:
    both = {"STRIPE_SECRET_KEYS": "sk_live_now, sk_live_next", "STRIPE_WEBHOOK_SECRETS": "whsec_now,whsec_next,"}
    stripe = read_env(base | LIVE | both).stripe
    assert (stripe.secret_key, stripe.secret_keys) == ("sk_live_now", ("sk_live_now", "sk_live_next"))
    assert stripe.webhook_secrets == ("whsec_now", "whsec_next")
    assert "more than two keys" in _refusal(base | LIVE | {"STRIPE_SECRET_KEYS": "sk_live_a,sk_live_b,sk_live_c"})


@pytest.mark.req("PAY-26")
def test_the_older_name_of_the_key_still_works(base: dict[str, str]) -> None:
    older = {name: value for name, value in (base | LIVE).items() if name != "STRIPE_SECRET_KEYS"}
    assert read_env(older | {"STRIPE_SECRET_KEY": "sk_live_now"}).stripe.secret_keys == ("sk_live_now",)
    assert "Both STRIPE_SECRET_KEYS" in _refusal(base | LIVE | {"STRIPE_SECRET_KEY": "sk_live_other"})


def test_every_problem_is_named_at_once(base: dict[str, str]) -> None:
    said = _refusal(base | LIVE | {"STRIPE_WEBHOOK_SECRETS": "sk_live_oops", "CODEPOP_METRICS_TOKEN": "short"})
    assert "STRIPE_WEBHOOK_SECRETS must start with whsec_" in said
    assert "CODEPOP_METRICS_TOKEN is shorter" in said
    assert "STRIPE_CA_FILE: no such file" in _refusal(base | LIVE | {"STRIPE_CA_FILE": "/nowhere.pem"})
    assert "STRIPE_PER_SECOND is '0'" in _refusal(base | TEST | {"STRIPE_PER_SECOND": "0"})


@pytest.mark.req("DEPLOY-05")
def test_numbers_and_addresses_are_checked_before_the_start(base: dict[str, str]) -> None:
    """What is wrong with them is told with everything else, and not by a traceback, or by screens that stand still."""
    assert "CODEPOP_WEB_THREADS is 'many'" in _refusal(base | {"CODEPOP_WEB_THREADS": "many"})
    assert "CODEPOP_LIVE_URL must start with https://" in _refusal(base | LIVE | {"CODEPOP_LIVE_URL": ""})
    for url in ("postgresql://u:pass@db:54x2/shop", "postgresql://u:pass@db", "mysql://u:pass@db/shop", "shop:pass"):
        said = _refusal(base | {"DATABASE_URL": url})
        assert "DATABASE_URL can't be read" in said
        assert "pass@" not in said
    for url in ("postgres://u@db/shop", "postgresql:///shop?host=/run/postgresql"):
        assert read_env(base | {"DATABASE_URL": url}).database_url == url


@pytest.mark.req("PAY-19")
def test_the_budget_is_the_providers_limit_unless_it_gave_more(base: dict[str, str]) -> None:
    assert read_env(base | LIVE).stripe.per_second == STRIPE_PER_SECOND
    assert read_env(base | LIVE | {"STRIPE_PER_SECOND": "80"}).stripe.per_second == 80


@pytest.mark.req("FAIL-01")
def test_only_a_trial_makes_the_minutes_of_consent_short(base: dict[str, str]) -> None:
    short = {"CODEPOP_CONSENT_MINUTE_SECONDS": "2"}
    assert read_env(base).consent_minute_seconds == 60
    assert read_env(base | short).consent_minute_seconds == 2
    assert "CODEPOP_CONSENT_MINUTE_SECONDS is for trials" in _refusal(base | LIVE | short)
    assert "at least 1" in _refusal(base | {"CODEPOP_CONSENT_MINUTE_SECONDS": "0"})
