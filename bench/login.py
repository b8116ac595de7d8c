"""`./run bench login`: guesses passwords, codes, links and pickup codes at a running system, and counts what it judges.

Each attack has the address range of this machine (127.0.0.0/8) to come from, as a botnet would. What is documented in
docs/accounts.md and docs/api.md is the most that may be judged; a guess that opens something fails the measurement.
Meanwhile somebody else signs in: how much longer that takes is the price of the attack to everybody.
"""

import argparse
import itertools
import json
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench._checkout import CheckoutFailed, Client, Json, Wire, baskets
from bench._load import percentile
from bench._report import run_measurement
from tools.totp import totp

AUTH = "/_allauth/app/v1"
GUESSES = 60
"""Of each attack; more than every limit allows."""
AT_ONCE = 4
SIGN_INS = 12
PATIENCE_SECONDS = 180.0
MOST = {
    "one_account": 5,
    "one_network": 30,
    "second_factor": 5,
    "reset_mails": 5,
    "reset_links": GUESSES,
    "pickup_codes": 5,
}
"""The most guesses that may be judged. Made-up links may all be: a link holds 128 bits that only we can make."""


@dataclass
class Attack:
    """What came of an attack: how many guesses, how many of them were looked at, how many opened something."""

    guesses: int = 0
    judged: int = 0
    opened: int = 0
    refused: int = 0
    seconds: float = 0.0

    def count(self, word: str) -> None:
        """Count one guess by what came of it."""
        self.guesses += 1
        setattr(self, word, getattr(self, word) + 1)


@dataclass(frozen=True)
class Person:
    """An account of this measurement's own."""

    email: str
    password: str


class Bench:
    """Attacks on one system."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.web, self.sandbox = facts["addresses"]["web"], Wire(facts["addresses"]["sandbox"])
        # A new range each time: what an earlier measurement has had locked stays locked for an hour.
        self._networks = _networks(random.randrange(1, 250))
        config = self._ask(self.network(), "GET", "/api/v1/config")[1]
        if config.get("mode") != "sandbox":
            raise CheckoutFailed("this system serves real people: it is not attacked")
        self._client = Client(self.web, facts["addresses"]["sandbox"], config["stripe"]["publishable_key"])

    def close(self) -> None:
        """Hang up."""
        self.sandbox.close()
        self._client.close()

    def network(self) -> str:
        """Return an address of this machine that nobody has come from yet."""
        return next(self._networks)

    def _ask(
        self, source: str, method: str, path: str, body: Json | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Json]:
        wire = Wire(self.web, source=source)
        try:
            content = None if body is None else json.dumps(body).encode()
            kind = {"Content-Type": "application/json"} if content else {}
            return wire.send(method, path, content, {**kind, **(headers or {})})
        finally:
            wire.close()

    def _auth(self, source: str, path: str, body: Json, token: str = "") -> tuple[int, Json]:
        return self._ask(source, "POST", f"{AUTH}/{path}", body, {"X-Session-Token": token} if token else None)

    def person(self) -> Person:
        """Make an account and open the link in its mail. Raises CheckoutFailed."""
        one = Person(f"bench.{secrets.token_hex(6)}@customers.example", secrets.token_urlsafe(16))
        source = self.network()
        self._auth(source, "auth/signup", {"email": one.email, "password": one.password})
        key = self._wait(lambda: _key_in(self._mails(one.email)), "the mail with the link")
        self._auth(source, "auth/email/verify", {"key": key})
        return one

    def _mails(self, to: str) -> list[Json]:
        path = f"/_sandbox/mail/messages?{urlencode({'to': to, 'limit': 50})}"
        return list(self.sandbox.send("GET", path, None, {})[1]["messages"])

    def _wait(self, look: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := look()):
            if time.monotonic() > until:
                raise CheckoutFailed(f"{what} did not come")
            time.sleep(0.2)
        return found

    # --- the attacks --------------------------------------------------------------------------------------------------

    def one_account(self, victim: Person) -> Attack:
        """Guess one account's password from as many networks as there are guesses, several at once."""

        def guess(_: int) -> str:
            body = {"email": victim.email, "password": secrets.token_urlsafe(12)}
            return _judged_sign_in(*self._auth(self.network(), "auth/login", body))

        return _at_once(guess)

    def is_locked(self, victim: Person) -> bool:
        """Say whether the right password, too, is refused now: an attacker who had it would not learn so."""
        return self._sign_in(victim)[0] != 200

    def one_network(self) -> Attack:
        """Try one password on many accounts from one network."""
        source = self.network()

        def guess(number: int) -> str:
            body = {"email": f"somebody.{number}@customers.example", "password": "peach and lime 7"}
            return _judged_sign_in(*self._auth(source, "auth/login", body))

        return _at_once(guess)

    def second_factor(self) -> Attack:
        """With the right password, guess the code."""
        victim = self.person()
        self._make_codes(victim)

        def guess(_: int) -> str:
            source = self.network()
            status, begun = self._sign_in(victim, source)
            token = str(begun.get("meta", {}).get("session_token", ""))
            if status != 401 or not token:
                return "refused"
            code = f"{secrets.randbelow(10**6):06d}"
            return _judged_sign_in(*self._auth(source, "auth/2fa/authenticate", {"code": code}, token))

        return _at_once(guess)

    def reset_mails(self) -> Attack:
        """Have mails with links for a new password sent to somebody; judged is what was sent."""
        victim = self.person()
        before = len(self._mails(victim.email))

        def ask(_: int) -> str:
            answer = self._auth(self.network(), "auth/password/request", {"email": victim.email})
            return "judged" if answer[0] == 200 else "refused"

        attack = _at_once(ask)
        self._wait(lambda: len(self._mails(victim.email)) > before, "the first mail for a new password")
        time.sleep(2)  # whatever else was wrongly sent comes within this time, too
        attack.judged = len(self._mails(victim.email)) - before
        return attack

    def reset_links(self) -> Attack:
        """Make up links for a new password."""

        def guess(_: int) -> str:
            key = f"{secrets.token_hex(4)}-{secrets.token_hex(3)}-{secrets.token_hex(16)}"
            status, _answer = self._auth(
                self.network(), "auth/password/reset", {"key": key, "password": secrets.token_urlsafe(12)}
            )
            return "opened" if status in (200, 401) else "judged" if status == 400 else "refused"

        return _at_once(guess)

    def pickup_codes(self) -> Attack:
        """With an order's secret link, but without its code, guess the code at the door."""
        client = Client(
            self.web, self.sandbox.base_url, self._client.publishable_key, pickup={"mode": "now", "at": None}
        )
        try:
            order = client.checkout(random.choice(baskets(client)))
        finally:
            client.close()
        path, headers = f"/api/v1/orders/{order.order_id}/open-door", {"X-Order-Token": order.token}

        def guess(_: int) -> str:
            body = {"code": f"{secrets.randbelow(10**9):09d}"}
            key = {"Idempotency-Key": secrets.token_hex(16)}
            status, answer = self._ask(self.network(), "POST", path, body, headers | key)
            code = answer.get("error", {}).get("code", "")
            if status < 300:
                return "opened"
            return {"wrong_code": "judged", "not_ready": "", "no_door": ""}.get(code, "refused")

        first = self._wait(lambda: guess(0), "the robots' turn for the order")
        attack = _at_once(guess, GUESSES - 1)
        attack.count(first)
        return attack

    def _make_codes(self, one: Person) -> None:
        source = self.network()
        token = self._sign_in(one, source)[1]["meta"]["session_token"]
        self._auth(source, "auth/reauthenticate", {"password": one.password}, token)
        path, headers = f"{AUTH}/account/authenticators/totp", {"X-Session-Token": token}
        secret = self._ask(source, "GET", path, None, headers)[1]["meta"]["secret"]
        for _ in range(2):  # a code that ran out on the way gives way to the next
            status, _answer = self._auth(source, "account/authenticators/totp", {"code": totp(secret)}, token)
            if status == 200:
                return
        raise CheckoutFailed("codes could not be set up")

    def _sign_in(self, one: Person, source: str = "") -> tuple[int, Json]:
        return self._auth(source or self.network(), "auth/login", {"email": one.email, "password": one.password})

    def sign_ins(self, one: Person) -> list[float]:
        """Sign in properly some times; returns how long each took, in milliseconds. Raises CheckoutFailed."""
        lasted = []
        for _ in range(SIGN_INS):
            begin = time.perf_counter()
            status, answer = self._sign_in(one)
            if status != 200:
                raise CheckoutFailed(f"somebody else could not sign in: {status} {answer}")
            lasted.append((time.perf_counter() - begin) * 1000)
        return lasted


def _networks(range_number: int) -> Iterator[str]:
    for high, low in itertools.product(range(1, 255), range(1, 255)):
        yield f"127.{range_number}.{high}.{low}"


def _key_in(mails: list[Json]) -> str:
    links = [word for mail in mails for word in str(mail["text"]).split() if "/account/verify/" in word]
    return links[0].rpartition("/")[2] if links else ""


def _judged_sign_in(status: int, answer: Json) -> str:
    """Say whether the server looked at the guess: a refusal that comes before that names no wrong password or code."""
    codes = {str(one.get("code")) for one in answer.get("errors", ())}
    if codes & {"email_password_mismatch", "incorrect_code"}:
        return "judged"
    return "opened" if status == 200 else "refused"


def _at_once(guess: Callable[[int], str], guesses: int = GUESSES) -> Attack:
    attack, begin = Attack(), time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for word in pool.map(guess, range(guesses)):
            attack.count(word or "refused")
    attack.seconds = round(time.perf_counter() - begin, 2)
    return attack


def measure(bench: Bench) -> dict[str, Any]:
    """Attack in every way, one after the other; during the first somebody else signs in. Raises CheckoutFailed."""
    load_before = os.getloadavg()[0]
    victim, other = bench.person(), bench.person()
    quiet = bench.sign_ins(other)
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(bench.sign_ins, other)
        attacks = {"one_account": bench.one_account(victim)}
        busy = beside.result()
    locked = bench.is_locked(victim)
    for name in list(MOST)[1:]:
        attacks[name] = getattr(bench, name)()
        print(f"  {name}: {attacks[name]}", flush=True)
    over = Counter({name: one.judged - MOST[name] for name, one in attacks.items() if one.judged > MOST[name]})
    return {
        "guesses": sum(one.guesses for one in attacks.values()),
        "opened": sum(one.opened for one in attacks.values()),
        "judged_over_limit": sum(over.values()),
        "victim_locked": int(locked),
        "sign_in_p50_ms": round(percentile(quiet, 0.5), 1),
        "sign_in_p50_ms_attacked": round(percentile(busy, 0.5), 1),
        "attacked_ratio": round(percentile(busy, 0.5) / max(percentile(quiet, 0.5), 0.001), 2),
        "attacks": {name: vars(one) | {"most": MOST[name]} for name, one in attacks.items()},
        "machine": {"cores": os.cpu_count(), "load_before": round(load_before, 1)},
    }


def main(words: list[str]) -> int:
    """Attack; 0 when nothing opened, and no more was judged than is documented."""
    parser = argparse.ArgumentParser(prog="./run bench login", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file")
    given = parser.parse_args(words)
    figures = run_measurement(Bench, measure, budgets={"opened": 0, "judged_over_limit": 0}, file=given.json)
    if figures is None:
        return 2
    return 0 if not figures["opened"] and not figures["judged_over_limit"] and figures["victim_locked"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
