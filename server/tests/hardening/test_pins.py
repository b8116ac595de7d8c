"""A connection that is pinned to an authority: the certificate of any other is refused before a word is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from codepop.gateways.errors import Refused, Unavailable
from codepop.gateways.limits import STRIPE
from codepop.gateways.payments.stripe import StripeGateway
from sandbox.mail.certificate import CA_FILE, server_context

pytestmark = pytest.mark.django_db(transaction=True)


class _Unknowing(BaseHTTPRequestHandler):
    """Knows of no intent, as Stripe would say it."""

    def do_GET(self) -> None:
        body = b'{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such intent"}}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _certified_by(folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve over TLS under an authority of its own; return the address and the authority's file."""
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Unknowing)
    server.socket = server_context(folder).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", folder / CA_FILE
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.req("SEC-04")
def test_a_pinned_gateway_takes_no_other_authoritys_certificate_for_stripes(tmp_path: Path) -> None:
    with _certified_by(tmp_path / "ours") as (address, ca_file), _certified_by(tmp_path / "theirs") as (_, other):

        def ask(pin: Path | None) -> None:
            StripeGateway(
                secret_keys=["sk_test_pinned"],
                webhook_secrets=[],
                base_url=address,
                limits=replace(STRIPE, provider="pinned"),
                ca_file=pin,
            ).fetch_intent(intent_id="pi_1")

        with pytest.raises(Refused) as answered:
            ask(ca_file)
        assert answered.value.code == "resource_missing"
        for wrong in (other, None):
            with pytest.raises(Unavailable):
                ask(wrong)
