"""Plants each kind of personal data once over HTTP, as the app and the staff's pages do, with words to look for."""

import io
import time
import zipfile
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final
from uuid import uuid4

import httpx

from codepop.accounts.tests.soft_passkey import SoftPasskey
from server.tests.system.guest import PATIENCE_SECONDS, Guest
from server.tests.system.member import link_to
from tools.system import System
from tools.totp import PERIOD_SECONDS, totp

CODE_TRIES: Final = 4


class AppClient:
    """The app at `localhost`, where passkeys work: keeps the session's token from answer to answer."""

    def __init__(self, system: System) -> None:
        self.base = system.addresses["web"].replace("127.0.0.1", "localhost")
        self._http = httpx.Client(base_url=self.base, timeout=60)
        self.token = ""

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send one request as whoever is signed in."""
        headers = {"X-Session-Token": self.token, "Idempotency-Key": str(uuid4())}
        answer = self._http.request(method, path, json=body, headers={k: v for k, v in headers.items() if v})
        if answer.headers.get("content-type", "").startswith("application/json"):
            content = answer.json()
            self.token = content.get("meta", {}).get("session_token") or self.token
        return answer

    def auth(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        """Call allauth's part of the API."""
        answer = self.send(method, f"/_allauth/app/v1/{path}", body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def show_code(self, path: str, secret: str) -> None:
        """Send the present code; one that ran out on the way, or that somebody else used, gives way to the next."""
        for _ in range(CODE_TRIES):
            if self.send("POST", f"/_allauth/app/v1/{path}", {"code": totp(secret)}).status_code == 200:
                return
            time.sleep(PERIOD_SECONDS - time.time() % PERIOD_SECONDS)
        raise AssertionError("no code was taken")

    def sign_in_staff(self, login: Mapping[str, Any]) -> None:
        """Sign in as one of a system's demo people with a role."""
        self.auth("POST", "auth/login", {name: login[name] for name in ("email", "password")}, status=401)
        self.show_code("auth/2fa/authenticate", str(login["totp_secret"]))

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call our own part."""
        answer = self.send(method, f"/api/v1/{path}", body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def post_form(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Send a form of the staff's pages."""
        headers = {"X-Session-Token": self.token}
        assert self._http.get(path, headers=headers).status_code == 200
        headers["X-CSRFToken"] = str(self._http.cookies.get("csrftoken"))
        return self._http.post(path, data=form, headers=headers)


def plant_account(system: System) -> dict[str, str]:
    """Make an account with everything a person can leave with it; return the words that must not be found."""
    mark = uuid4().hex[:8]
    words = {
        "member's address": f"member.canary.{mark}@example.org",
        "member's name": f"Quilla Membercanary{mark}",
        "member's password": f"Basil {mark[::-1]} on ice",
        "passkey's name": f"Passkeycanary {mark}",
        "favourite's name": f"Cupcanary {mark}",
        "words on cancelling": f"Dentistcanary {mark}",
    }
    with closing(AppClient(system)) as app:
        _sign_up(system, app, words)
        words |= _second_factors(app, name=words["passkey's name"])
        _profile(app, favourite=words["favourite's name"])
        app.auth("POST", "auth/reauthenticate", {"password": words["member's password"]})
        _export(app, [words["member's address"], words["member's name"], words["favourite's name"]])
        words["app's session token"] = app.token
    with closing(Guest(system)) as guest:
        guest.order()
        guest.cancel(words["words on cancelling"])
        words["cancelled order's token"] = guest.secrets["order token"]
    return words


def _sign_up(system: System, app: AppClient, words: dict[str, str]) -> None:
    person = {"email": words["member's address"], "password": words["member's password"]}
    app.auth("POST", "auth/signup", {**person, "name": words["member's name"]}, status=401)
    words["key of the confirmation"] = key = link_to(system, person["email"], "account/verify").rpartition("/")[2]
    app.send("POST", "/_allauth/app/v1/auth/email/verify", {"key": key})
    app.token = ""
    app.auth("POST", "auth/login", person)
    app.auth("POST", "auth/reauthenticate", {"password": person["password"]})


def _second_factors(app: AppClient, *, name: str) -> dict[str, str]:
    path = "account/authenticators"
    options = app.auth("GET", f"{path}/webauthn?passwordless")["data"]["creation_options"]
    credential = SoftPasskey(origin=app.base).create(options)
    app.auth("POST", f"{path}/webauthn", {"name": name, "credential": credential})
    codes = app.auth("GET", f"{path}/recovery-codes")["data"]["unused_codes"]
    secret = str(app.auth("GET", f"{path}/totp", status=404)["meta"]["secret"])
    app.show_code(f"{path}/totp", secret)
    return {"secret of the codes": secret, "recovery code": str(codes[0])}


def _profile(app: AppClient, *, favourite: str) -> None:
    store = app.api("GET", "stores?q=campus&limit=1")["items"][0]
    drink = next(one for one in app.api("GET", f"stores/{store['slug']}/menu")["drinks"] if one["available"])
    line = {"drink_id": drink["id"], "size": drink["default_size"], "recipe": drink["recipe"]}
    app.api("POST", "me/favourites", {**line, "name": favourite})
    app.api("PUT", "me/preferences", {"sweetness": "less", "adventure": "surprise"})
    app.api("PUT", "me/health", {"agreed": True, "allergies": ["shellfish"], "diets": ["caffeine_free"]})
    [news] = [one for one in app.api("GET", "me/privacy")["consents"] if one["purpose"] == "news_mail"]
    decision = {"purpose": "news_mail", "given": True, "version": news["current_version"]}
    app.api("PUT", "me/privacy/consents", {"decisions": [decision]})


def _export(app: AppClient, held: list[str]) -> None:
    """Have the file of one's data made, and left there; it holds what is looked for elsewhere."""
    app.api("POST", "me/privacy/exports", {})
    end = time.monotonic() + PATIENCE_SECONDS
    while not (url := app.api("GET", "me/privacy")["exports"][0]["url"]):
        assert time.monotonic() < end, "the file was not made"
        time.sleep(0.3)
    with zipfile.ZipFile(io.BytesIO(app.send("GET", url).content)) as archive:
        text = archive.read("data.json").decode()
    assert [word for word in held if word not in text] == []


def invite_canary(system: System) -> dict[str, str]:
    """Invite somebody to a store as an admin does; return the words that must not be found."""
    mark = uuid4().hex[:8]
    words = {
        "invited person's address": f"invited.canary.{mark}@example.org",
        "invited name": f"Nia Invitecanary{mark}",
    }
    invite(system, words["invited person's address"], words["invited name"])
    link_to(system, words["invited person's address"], "account/reset")
    return words


def invite(system: System, email: str, name: str = "Nia") -> None:
    """Let a super admin make somebody the manager of a store."""
    login = next(one for one in system.logins if one["role"] == "super_admin")
    with closing(AppClient(system)) as app:
        store = app.api("GET", "stores?q=campus&limit=1")["items"][0]
        app.sign_in_staff(login)
        form = {"email": email, "name": name, "role": "manager"}
        form |= {"place": f"store:{store['id']}", "reason": "starts on Monday"}
        assert app.post_form("/staff/people", form).status_code == 302
