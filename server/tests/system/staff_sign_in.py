"""Signing in to the staff screens in a browser, with password and code; once for each person of a running system."""

import time
from typing import Any, Final

from playwright.sync_api import Page

from tools.system import System
from tools.totp import PERIOD_SECONDS, totp

_TRIES: Final = 4

_cookies: Final[dict[tuple[str, str], list[Any]]] = {}
"""Sessions of this test process by system and address: a code is good once, so the next page shares the session."""


def sign_in_staff(page: Page, system: System, target: str, *, role: str = "manager") -> None:
    """Open a staff page as a demo person of the role."""
    web = system.addresses["web"]
    login = next(one for one in system.logins if one["role"] == role)
    known = (web, str(login["email"]))
    if known in _cookies:
        page.context.add_cookies(_cookies[known])
    page.goto(f"{web}{target}")
    if page.get_by_label("Password").count():
        page.get_by_label("E-mail address").fill(login["email"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Sign in").click()
        _type_code(page, str(login["totp_secret"]))
        _cookies[known] = [one for one in page.context.cookies() if one.get("name") == "sessionid"]
    page.get_by_role("button", name="Sign out").wait_for()


def _type_code(page: Page, secret: str) -> None:
    """Type the present code; one that somebody else used, or that ran out on the way, gives way to the next."""
    for _ in range(_TRIES):
        page.get_by_label("Code").fill(totp(secret))
        page.get_by_role("button", name="Go on").click()
        page.locator("button:text('Sign out'), [role=alert]").first.wait_for()
        if not page.get_by_role("alert").count():
            return
        page.wait_for_timeout(1000 * (PERIOD_SECONDS - time.time() % PERIOD_SECONDS) + 500)
    raise AssertionError("no code was taken")
