"""A sandbox process of the tests' own, and a receiver of its webhooks."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import stripe

from sandbox.tests.oracle import judge
from tools.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20.0
SECRET = "whsec_tests"


class Sandbox:
    """A sandbox on a free port with its data in `folder`; can be stopped, killed and started again on the same data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_ports(2)
        self.smtp_port = self.port + 1
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name == "SANDBOX_RECORD" or not name.startswith("SANDBOX_")
        }
        environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_SMTP_PORT": str(self.smtp_port),
            "SANDBOX_DATA": str(self.folder),
            "SANDBOX_WEBHOOK_SECRET": SECRET,
            **self.settings,
        }
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--workers", "1"]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "sandbox.app:app"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._healthy, START_SECONDS, "the sandbox to answer")

    def _healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log.txt").read_text()
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self, *, kill: bool = False) -> None:
        """End the process group: politely, or as a crash would."""
        if self.process is None:
            return
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9 if kill else 15)
        self.process.wait(10)
        self.process = None

    def control(self, method: str, path: str, **body: Any) -> Any:
        """A call of the control API."""
        with httpx.Client(timeout=20) as http:
            reply = http.request(method, f"{self.url}/_sandbox/{path}", json=body if method == "POST" else None)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def fault(self, kind: str, **more: Any) -> Any:
        return self.control("POST", "faults", kind=kind, **more)

    def post_form(self, path: str, key: str = "pk_test_tests", **fields: str) -> httpx.Response:
        """A raw form post, as a browser would send it."""
        return httpx.post(f"{self.url}/v1/{path}", data=fields, headers={"Authorization": f"Bearer {key}"}, timeout=20)


class JudgedClient(stripe.RequestsClient):
    """The SDK's own transport, with every reply judged by the oracle before the SDK sees it."""

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: list[str] | None = None
    ) -> Any:
        body, status, reply_headers = super().request(method, url, headers, post_data)
        if reply_headers.get("content-type") == "application/json":
            problems = judge(json.loads(body))
            assert problems == [], (method, url, problems)
        assert reply_headers.get("Request-Id", "").startswith("req_")
        return body, status, reply_headers


def make_client(
    sandbox: Sandbox, *, retries: int = 0, key: str = "sk_test_tests", timeout: float = 20
) -> stripe.StripeClient:
    addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), sandbox.url)
    return stripe.StripeClient(
        key, base_addresses=addresses, max_network_retries=retries, http_client=JudgedClient(timeout=timeout)
    )


@dataclass
class Delivery:
    """One webhook as it arrived."""

    body: bytes
    signature: str
    at: float

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A small web server that takes webhooks. `refuse` gives certain bodies other answers than 200, in order."""

    refusals: dict[bytes, list[int]] = field(default_factory=dict)
    received: list[Delivery] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Delivery(body, self.headers["Stripe-Signature"], time.time()))
                self.send_response(receiver.answer_to(body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet: what arrived is in `received`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def refuse(self, mark: str, *statuses: int) -> None:
        """Answer the next bodies that contain `mark` with these statuses."""
        self.refusals[mark.encode()] = list(statuses)

    def answer_to(self, body: bytes) -> int:
        for mark, statuses in self.refusals.items():
            if mark in body and statuses:
                return statuses.pop(0)
        return 200

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def about(self, subject: str, kind: str | None = None) -> list[Delivery]:
        """What arrived about one object (or its intent), by event type when given."""
        found = []
        for delivery in self.received:
            if b"\xff" in delivery.body:
                continue
            event = delivery.event
            item = event["data"]["object"]
            if subject in (item["id"], item.get("payment_intent")) and kind in (None, event["type"]):
                found.append(delivery)
        return found

    def wait_marked(self, mark: str, count: int = 1, seconds: float = 5) -> list[Delivery]:
        """Deliveries whose body contains `mark`, however spoilt they are."""

        def found() -> list[Delivery]:
            return [delivery for delivery in self.received if mark.encode() in delivery.body]

        wait_until(lambda: len(found()) >= count, seconds, f"{count} deliveries with {mark}")
        return found()

    def wait_for(self, subject: str, kind: str, count: int = 1, seconds: float = 5) -> list[Delivery]:
        wait_until(lambda: len(self.about(subject, kind)) >= count, seconds, f"{count} x {kind} about {subject}")
        return self.about(subject, kind)


def wait_until(condition: Any, seconds: float, what: str) -> None:
    """Poll until the condition holds; fail by name when it doesn't."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)
