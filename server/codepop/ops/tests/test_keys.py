"""The inventory of secrets: what is in use, how old, and what is to be done about it."""

import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from codepop.core.alerts import open_alerts
from codepop.core.models import SecretUse
from codepop.gateways.secret_use import SecretUses, fingerprint
from codepop.kit.clock import frozen, now
from codepop.ops.doctor import examine
from codepop.ops.findings import State
from codepop.ops.keys import configured, inventory, remind

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[4]
VARIABLE = "{0}((?:CODEPOP|STRIPE|MAIL|MAPBOX|FCM|ANTHROPIC)_[A-Z_]+){0}"
SECRET = r"KEYS?$|KEYSETS$|KEY_FILE$|SECRETS?$|TOKENS?$|PASSWORDS?$|CREDENTIALS$"


def _two_keys() -> override_settings:
    stripe = replace(settings.CODEPOP.stripe, secret_keys=("sk_test_old", "sk_test_new"))
    return override_settings(CODEPOP=replace(settings.CODEPOP, stripe=stripe))


@pytest.mark.req("KEY-01")
def test_age_and_last_use_of_each_key_are_seen_and_the_key_itself_is_not() -> None:
    with _two_keys(), frozen(now()) as time:
        inventory()
        time.advance(days=3)
        uses = SecretUses("STRIPE_SECRET_KEYS", ("sk_test_old", "sk_test_new"))
        uses.used(0)
        lines = {line.position: line for line in inventory() if line.variable == "STRIPE_SECRET_KEYS"}
        assert [lines[n].fingerprint for n in (1, 2)] == [fingerprint("sk_test_old"), fingerprint("sk_test_new")]
        assert (time.at - lines[1].first_seen_at, lines[1].last_used_at) == (timedelta(days=3), time.at)
        assert lines[2].last_used_at is None
        out = StringIO()
        call_command("keys", stdout=out)
    assert fingerprint("sk_test_old") in out.getvalue()
    assert "sk_test" not in out.getvalue()
    assert not any("sk_test" in str(row) for row in SecretUse.objects.values_list())


@pytest.mark.req("KEY-01")
def test_after_ninety_days_a_key_is_due() -> None:
    with frozen(now()) as time:
        inventory()
        time.advance(days=90)
        assert remind() == 0
        time.advance(days=1)
        assert remind() == len(inventory()) == open_alerts().filter(kind="secret.due").count()
        out = StringIO()
        with pytest.raises(SystemExit):
            call_command("keys", stdout=out)
        assert "Change it: 91 days old" in out.getvalue()
        due = [one for one in examine() if one.part.startswith("secret ")]
        assert {one.state for one in due} == {State.DEGRADED}
        assert all(one.remedy for one in due)


@pytest.mark.req("KEY-02")
def test_a_change_that_is_not_finished_is_said_after_a_week() -> None:
    with _two_keys(), frozen(now()) as time:
        inventory()
        time.advance(days=8)
        due = {(line.variable, line.position) for line in inventory() if line.advice}
    assert due == {("STRIPE_SECRET_KEYS", 2)}


@pytest.mark.req("KEY-02")
def test_a_key_that_went_stays_in_the_list_without_advice() -> None:
    with _two_keys():
        inventory()
    with frozen(now() + timedelta(days=30)):
        gone = [line for line in inventory() if line.position == 0]
    assert {line.fingerprint for line in gone} == {fingerprint("sk_test_old"), fingerprint("sk_test_new")}
    assert [line.advice for line in gone] == ["", ""]


@pytest.mark.req("PAY-26", "KEY-02")
def test_a_fallback_is_counted_and_shown() -> None:
    uses = SecretUses("STRIPE_SECRET_KEYS", ("sk_test_old", "sk_test_new"))
    uses.used(1, fallback=True)
    uses.used(1, fallback=True)
    row = SecretUse.objects.get()
    assert (row.fingerprint, row.fallbacks) == (fingerprint("sk_test_new"), 1)
    assert [alert.subject for alert in open_alerts()] == ["STRIPE_SECRET_KEYS"]
    shown = [one for one in examine() if one.part == "alerts.secret.fallback"]
    assert [one.state for one in shown] == [State.DEGRADED]
    SecretUses("STRIPE_SECRET_KEYS", ("sk_test_new",)).used(0)
    assert not open_alerts().exists()


@pytest.mark.req("KEY-01", "KEY-02")
def test_the_page_the_settings_and_the_inventory_name_the_same_secrets() -> None:
    files = sorted((ROOT / "server/config").glob("*env.py"))
    read = {name for file in files for name in re.findall(VARIABLE.format('"'), file.read_text())}
    secret = {name for name in read if re.search(SECRET, name)}
    public = {"STRIPE_PUBLISHABLE_KEY"}
    older_name = {"STRIPE_SECRET_KEY"}
    assert secret - public - older_name == set(configured())
    told = set(re.findall(VARIABLE.format("`"), (ROOT / "docs/keys.md").read_text()))
    assert secret - told == set()
    assert {name for name in told if name not in read} == set()
