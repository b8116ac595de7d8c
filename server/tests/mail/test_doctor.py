"""The doctor of mail, and the commands of docs/runbooks/mail.md in the states that they are for."""

import base64
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command

from codepop.core.db import transaction
from codepop.gateways.mail.dns import examine_domain, zone_lookup
from codepop.kit.clock import frozen, now
from codepop.notifications import services
from codepop.notifications.kinds import Flaw, Kind
from codepop.notifications.models import FlawedAddress
from codepop.notifications.services import Wish
from codepop.ops.doctor_mail import examine_mail
from codepop.ops.findings import State
from tests.mail_side import credentials, fault, mailbox

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbooks" / "mail.md"
DOMAIN = "codepop.example"
GOOD = """$ORIGIN codepop.example.
$TTL 300
@ TXT "v=spf1 include:spf.provider.example -all"
s1._domainkey TXT "v=DKIM1; k=rsa; p=MIIB" "IjAN"
_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@codepop.example"
"""


def _zone(folder: Path, text: str) -> Path:
    path = folder / "codepop.zone"
    path.write_text(text)
    return path


def _verdicts(folder: Path, text: str, *, selector: str = "s1", key: bytes | None = None) -> dict[str, Any]:
    lookup = zone_lookup([_zone(folder, text)])
    return {one.record: one for one in examine_domain(DOMAIN, lookup, selector=selector, key_pem=key)}


@pytest.mark.req("MAIL-11")
def test_good_records_are_good(tmp_path: Path) -> None:
    found = _verdicts(tmp_path, GOOD)
    assert [(one.record, one.remedy, one.broken) for one in found.values()] == [
        ("spf", "", False),
        ("dkim", "", False),
        ("dmarc", "", False),
    ]


@pytest.mark.req("MAIL-11")
@pytest.mark.parametrize(
    ("old", "new", "record", "broken"),
    [
        ('@ TXT "v=spf1 include:spf.provider.example -all"', "", "spf", True),
        ("-all", "+all", "spf", True),
        (" -all", "", "spf", False),
        ('@ TXT "v=spf1', '@ TXT "v=spf1 a -all"\n@ TXT "v=spf1', "spf", True),
        ("include:spf", " ".join(f"include:i{n}.example" for n in range(11)) + " include:spf", "spf", True),
        ("s1._domainkey", "s2._domainkey", "dkim", True),
        ('p=MIIB" "IjAN', 'p=" "', "dkim", True),
        ("_dmarc", "_other", "dmarc", True),
        ("p=quarantine", "p=none", "dmarc", False),
        ("p=quarantine", "p=perhaps", "dmarc", True),
        ("; rua=mailto:dmarc@codepop.example", "", "dmarc", False),
    ],
)
def test_each_mistake_is_named_with_its_remedy(tmp_path: Path, old: str, new: str, record: str, broken: bool) -> None:
    assert old in GOOD
    found = _verdicts(tmp_path, GOOD.replace(old, new, 1))
    assert found[record].remedy
    assert found[record].broken is broken
    assert [name for name, one in found.items() if one.remedy] == [record]


@pytest.mark.req("MAIL-11")
def test_the_published_key_must_be_the_one_we_sign_with(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert _verdicts(tmp_path, GOOD, key=pem)["dkim"].broken
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = base64.b64encode(der).decode()
    ours = GOOD.replace('"v=DKIM1; k=rsa; p=MIIB" "IjAN"', f'"v=DKIM1; p={text[:200]}" "{text[200:]}"')
    assert not _verdicts(tmp_path, ours, key=pem)["dkim"].broken


def _said(*words: str) -> str:
    out = StringIO()
    try:
        call_command(*words, stdout=out)
    except SystemExit as end:
        out.write(f"exit {end.code}")
    return out.getvalue()


@pytest.mark.req("MAIL-05", "MAIL-08")
def test_doctor_mail_says_what_is_wrong_with_the_server() -> None:
    assert "signed in over TLSv1" in _said("doctor", "mail")
    credentials(revoke="codepop:sandbox")
    try:
        said = _said("doctor", "mail")
    finally:
        credentials(add="codepop:sandbox")
    assert "MAIL_CREDENTIALS" in said
    assert said.endswith("exit 1")
    fault("smtp_outage")
    assert "MAIL_HOST:MAIL_PORT" in _said("doctor", "mail")


@pytest.mark.req("MAIL-11")
def test_doctor_mail_reads_zone_files(tmp_path: Path, settings: Any) -> None:
    mail = replace(settings.CODEPOP.mail, dkim_selector="s1")
    settings.CODEPOP = replace(settings.CODEPOP, mail=mail)
    good = {one.part: one.state for one in examine_mail([_zone(tmp_path, GOOD)])}
    assert [good[f"mail.{record}"] for record in ("spf", "dkim", "dmarc")] == [State.OK] * 3
    said = _said("doctor", "mail", "--zone", str(_zone(tmp_path, GOOD.replace("_dmarc", "_x"))))
    assert re.search(r"missing +mail\.dmarc", said)


@pytest.mark.req("MAIL-05")
def test_the_runbooks_commands_diagnose_and_mend() -> None:
    """Every command that the runbook names is run here in the state that it is for."""
    named = set(re.findall(r"^(?:python server/manage\.py|\./run) ((?:mail|doctor) \w+)", RUNBOOK.read_text(), re.M))
    assert named == {"doctor mail", "mail stuck", "mail retry", "mail trust"}
    address = "ada@example.org"
    with frozen(now()) as time:
        with transaction():
            services.queue(Wish(key="x", kind=Kind.NO_ACCOUNT, address=address))
        fault("smtp_outage")
        services.deliver_due()
        time.advance(minutes=6)
        services.watch()
        assert re.search(r"1  no_account +queued +server_away", _said("mail", "stuck"))
        said = _said("doctor", "mail")
        assert "1 about accounts are late" in said
        assert "alerts.mail.server" in said
        from tests.mail_side import call

        call("/faults", method="DELETE")
        fault("smtp_spam", remaining=1)
        time.advance(seconds=11)
        services.deliver_due()
        services.watch()
        assert re.search(r"1  no_account +dead +message", _said("mail", "stuck"))
        assert "mail.dead" in _said("doctor", "mail")
        assert "0 queued again" in _said("mail", "retry", "--failure", "recipient")
    services.flag_address(address=address, flaw=Flaw.BOUNCED)
    assert "1 flagged" in _said("doctor", "mail")
    assert "trusted again" in _said("mail", "trust", "--address", address)
    assert not FlawedAddress.objects.exists()
    assert "nothing is stuck" not in _said("mail", "stuck")
    assert mailbox(address) == []
