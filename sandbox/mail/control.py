"""The control API's part about mail: the mailbox, what is told of a message later, and who may send."""

from starlette.requests import Request
from starlette.routing import Route

from sandbox.calls import ControlError, Handler, number, read_json, routes_of
from sandbox.mail.mailbox import KIND
from sandbox.mail.server import EVENTS, MailServer
from sandbox.store import Json
from sandbox.stripe.account import public

SHOWN = 200


class MailControl:
    """The handlers under /_sandbox/mail."""

    def __init__(self, mail: MailServer) -> None:
        self.mail = mail

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/messages", self.messages),
            ("DELETE", "/messages", self.empty),
            ("POST", "/messages/{key}/events", self.announce),
            ("POST", "/credentials", self.credentials),
        ]
        return routes_of([(method, f"/_sandbox/mail{path}", handler) for method, path, handler in table])

    async def messages(self, request: Request) -> Json:
        """Messages, newest first. `?to=` (an address), `?subject=` (part of it), `?limit=` narrow it."""
        query = request.query_params
        limit = int(query.get("limit", SHOWN))
        wanted, words = query.get("to", "").lower(), query.get("subject", "").lower()
        found: list[Json] = []
        for message in self.mail.store.newest_first(KIND):
            to_it = not wanted or wanted in (address.lower() for address in message["recipients"])
            if to_it and words in message["subject"].lower():
                found.append(public(message))
                if len(found) == limit:
                    break
        return {"messages": found, "attempts": self.mail.attempts.get(wanted, 0) if wanted else None}

    async def empty(self, request: Request) -> Json:
        """Throw away all messages, or those `?to=` an address."""
        wanted = request.query_params.get("to", "").lower()
        messages = self.mail.store.all(KIND).items()
        keys = [key for key, one in messages if not wanted or wanted in (to.lower() for to in one["recipients"])]
        for key in keys:
            self.mail.store.remove(KIND, key)
        if wanted:
            self.mail.attempts.pop(wanted, None)
        else:
            self.mail.attempts.clear()
        return {"removed": len(keys)}

    async def announce(self, request: Request) -> Json:
        """Say by webhook what became of a message: {"kind": "bounce"}, "complaint" or "delivery"."""
        wish = await read_json(request, "kind", "delay_seconds")
        message = self.mail.store.get(KIND, request.path_params["key"])
        if message is None:
            raise ControlError("no such message")
        kind = wish.get("kind")
        if kind not in EVENTS:
            raise ControlError(f"kind must be one of {', '.join(EVENTS)}")
        self.mail.promise(message, kind, delay=number(wish, "delay_seconds", 0))
        return {"promised": kind}

    async def credentials(self, request: Request) -> Json:
        """{"add": "user:password"} or {"revoke": "user:password"}: a rotation drill."""
        wish = await read_json(request, "add", "revoke")
        if not wish:
            raise ControlError("give add or revoke with user:password")
        return {"live": self.mail.change_credentials(add=wish.get("add"), revoke=wish.get("revoke"))}
