"""What the gateway promises, each against the real sandbox over SMTP."""

import base64
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codepop.core.db import transaction
from codepop.core.http import NetworkInsideTransaction
from codepop.gateways.errors import Refused, Unavailable, Unknown
from codepop.gateways.mail import MESSAGE, RECIPIENT, Mail
from codepop.gateways.mail.dkim import DkimKey
from codepop.gateways.mail.smtp import SmtpGateway, ascii_address
from tests.mail_side import attempts, credentials, fault, mailbox

TO = "ada@example.org"


def _mail(**values: Any) -> Mail:
    facts: dict[str, Any] = {
        "message_id": "<row-1@codepop.example>",
        "to": TO,
        "subject": "Your receipt: café ✓",
        "text": "Hello.\n.A dot first, and a long line " + "x" * 1200,
        "html": "<p>Hello ✓</p>",
    }
    return Mail(**{**facts, **values})


@pytest.mark.req("MAIL-08")
def test_a_message_arrives_whole_over_verified_tls(make_gateway: Any) -> None:
    make_gateway().send(mail=_mail(headers={"X-CodePop-Message": "1"}))
    [kept] = mailbox(TO)
    assert (kept["subject"], kept["message_id"]) == ("Your receipt: café ✓", "<row-1@codepop.example>")
    assert kept["text"].rstrip("\n").splitlines() == _mail().text.splitlines()
    assert kept["html"].strip() == "<p>Hello ✓</p>"
    assert kept["tls"] in ("TLSv1.2", "TLSv1.3")
    assert ["X-CodePop-Message", "1"] in kept["headers"]


@pytest.mark.req("MAIL-08", "SEC-04")
def test_a_certificate_that_is_not_trusted_is_refused_and_nothing_is_sent(make_gateway: Any) -> None:
    with pytest.raises(Unavailable) as caught:
        make_gateway(ca_file=None).send(mail=_mail())
    assert caught.value.code == "tls"
    assert (mailbox(TO), attempts(TO)) == ([], 0)


@pytest.mark.req("MAIL-08")
def test_a_name_that_the_certificate_does_not_hold_is_refused(make_gateway: Any) -> None:
    with pytest.raises(Unavailable) as caught:
        make_gateway(host="127.0.0.2").send(mail=_mail())
    assert caught.value.code in ("tls", "connection")
    assert mailbox(TO) == []


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("smtp_outage", Unavailable, "connection"),
        ("smtp_greylist", Unavailable, "greylisted"),
        ("smtp_full", Unavailable, "later"),
        ("smtp_refuse", Refused, RECIPIENT),
        ("smtp_spam", Refused, MESSAGE),
    ],
)
def test_each_answer_is_one_of_three_errors(make_gateway: Any, kind: str, error: type[Exception], code: str) -> None:
    fault(kind, remaining=1)
    gateway = make_gateway()
    with pytest.raises(error) as caught:
        gateway.send(mail=_mail())
    assert getattr(caught.value, "code", None) == code
    assert mailbox(TO) == []
    gateway.send(mail=_mail())
    assert len(mailbox(TO)) == 1


@pytest.mark.parametrize("kind", ["smtp_cut", "smtp_timeout"])
def test_no_answer_after_the_message_is_unknown(make_gateway: Any, kind: str) -> None:
    fault(kind, remaining=1, delay_ms=3000)
    with pytest.raises(Unknown):
        make_gateway(timeout_seconds=1.0).send(mail=_mail())
    assert len(mailbox(TO)) == 1


def test_nobody_listening_is_unavailable(make_gateway: Any) -> None:
    with pytest.raises(Unavailable):
        make_gateway(port=9).send(mail=_mail())


@pytest.mark.req("MAIL-15")
def test_the_second_credential_takes_over_while_the_first_is_replaced(make_gateway: Any) -> None:
    credentials(add="codepop:next")
    credentials(revoke="codepop:sandbox")
    with pytest.raises(Unavailable) as caught:
        make_gateway().send(mail=_mail())
    assert caught.value.code == "credentials"
    make_gateway(credentials=("codepop:sandbox", "codepop:next")).send(mail=_mail())
    assert len(mailbox(TO)) == 1


def test_a_kept_connection_that_went_stale_costs_nothing(make_gateway: Any) -> None:
    gateway = make_gateway()
    gateway.send(mail=_mail())
    gateway._idle[0][1].sock.close()
    gateway.send(mail=_mail())
    assert len(mailbox(TO)) == 2


def test_nothing_is_sent_inside_a_transaction(make_gateway: Any) -> None:
    with pytest.raises(NetworkInsideTransaction), transaction():
        make_gateway().send(mail=_mail())


@pytest.mark.req("MAIL-13")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=20), st.sampled_from(["\r\n", "\n", "\r", "\r\n\r\n"]), st.text(max_size=20))
def test_a_line_break_never_becomes_a_header(before: str, line_break: str, after: str) -> None:
    gateway = SmtpGateway(
        host="127.0.0.1",
        port=9,
        implicit_tls=False,
        credentials=(),
        sender="CodePop <drinks@codepop.example>",
        ca_file=None,
        timeout_seconds=1,
    )
    evil = f"{before}{line_break}Bcc: victim@example.org{after}"
    for field in ("subject", "to", "message_id"):
        try:
            _, content = gateway._write(_mail(**{field: evil}))
        except Refused:
            continue
        head = content.split(b"\r\n\r\n", 1)[0].lower().split(b"\r\n")
        assert not [line for line in head if line.startswith((b"bcc:", b"bcc "))], (field, evil)
    with pytest.raises(Refused):
        gateway._write(_mail(headers={"List-Unsubscribe": evil}))


@pytest.mark.req("MAIL-07")
@pytest.mark.parametrize("address", ["", "ada", "ada@", "@example.org", "a da@example.org", "ä@example.org", "a\n@b.c"])
def test_what_smtp_can_not_carry_is_refused_before_anything_is_sent(make_gateway: Any, address: str) -> None:
    with pytest.raises(Refused) as caught:
        make_gateway().send(mail=_mail(to=address))
    assert caught.value.code == RECIPIENT


def test_a_domain_in_other_letters_is_sent_in_ascii() -> None:
    assert ascii_address("ada@bücher.example") == "ada@xn--bcher-kva.example"


@pytest.mark.req("MAIL-11")
def test_a_dkim_signature_holds_and_breaks_with_the_text(make_gateway: Any) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    key = DkimKey("codepop.example", "s1", pem)
    unsubscribe = {"List-Unsubscribe": "<https://x.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    make_gateway(dkim_key=key).send(mail=_mail(text="Short.", headers=unsubscribe))
    raw = mailbox(TO)[0]["raw"].encode()
    assert b"list-unsubscribe-post" in raw.split(b"\r\n\r\n")[0].split(b"h=")[1]

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.codepop.example."
        return record

    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"Short.", b"Shorn."), dnsfunc=dns)
