"""A card form's side of Stripe: what Stripe.js sends from the browser, with the publishable key alone."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

GOOD = "4242424242424242"
DECLINED = ("4000000000000002", "4000000000009995", "4000000000000069", "4000000000000127")
SECURE = "4000000000003220"

TRIES = 6
TIMEOUT = httpx.Timeout(20.0, connect=5.0)


class FormBroken(Exception):
    """Stripe did not answer the card form, however often it tried."""

    confirmed = False
    """Whether the payer had confirmed before, so that the payment may have happened."""


@dataclass(frozen=True)
class Outcome:
    """How a confirmation ended: the intent's status, or the error's code."""

    status: str
    code: str = ""

    @property
    def declined(self) -> bool:
        """Say whether another card may be tried."""
        return bool(self.code) and self.status in ("", "requires_payment_method")


class CardForm:
    """Stripe's browser API, for all customers of a run."""

    def __init__(self, base_url: str, *, publishable_key: str, connections: int) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        headers = {"Authorization": f"Bearer {publishable_key}"}
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT, limits=limits, headers=headers)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def pay(self, client_secret: str, *, number: str, passes: bool = True) -> Outcome:
        """Confirm an intent with a card; `passes` says how the payer answers the bank's question, if it asks one.

        Raises FormBroken.
        """
        method = await self._post("/v1/payment_methods", _card(number))
        if "error" in method:
            return Outcome("", str(method["error"].get("code", "error")))
        intent_id = client_secret.partition("_secret_")[0]
        form = {"client_secret": client_secret, "payment_method": method["id"], "use_stripe_sdk": "true"}
        intent = await self._post(f"/v1/payment_intents/{intent_id}/confirm", form)
        if "error" in intent:
            found = intent["error"].get("payment_intent") or {}
            return Outcome(str(found.get("status", "")), str(intent["error"].get("code", "error")))
        if intent["status"] == "requires_action":
            try:
                await self._answer_bank(intent["next_action"], passes=passes)
                intent = await self._get(f"/v1/payment_intents/{intent_id}", {"client_secret": client_secret})
            except FormBroken as broken:
                broken.confirmed = True
                raise
        error = intent.get("last_payment_error") or {}
        code = str(error.get("code", "")) if intent["status"] == "requires_payment_method" else ""
        return Outcome(str(intent["status"]), code)

    async def save(self, client_secret: str, *, number: str) -> str:
        """Save a card with the secret of a setup; returns the method's id. Raises FormBroken."""
        method = await self._post("/v1/payment_methods", _card(number))
        setup_id = client_secret.partition("_secret_")[0]
        form = {"client_secret": client_secret, "payment_method": str(method["id"]), "use_stripe_sdk": "true"}
        setup = await self._post(f"/v1/setup_intents/{setup_id}/confirm", form)
        if setup.get("status") != "succeeded":
            raise FormBroken(f"a good card was not saved: {setup}")
        return str(method["id"])

    async def _answer_bank(self, action: dict[str, Any], *, passes: bool) -> None:
        page = action.get("use_stripe_sdk", {}).get("stripe_js") or action["redirect_to_url"]["url"]
        await self._send("POST", page, {"outcome": "complete" if passes else "fail"})

    async def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        return _json_of(await self._send("POST", path, form))

    async def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        return _json_of(await self._send("GET", path, query))

    async def _send(self, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send; a payer whose page fails presses again, a few times. Raises FormBroken."""
        last = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(min(0.3 * 2**attempt, 4))
            try:
                if method == "GET":
                    answer = await self._client.get(path, params=fields)
                else:
                    answer = await self._client.post(path, data=fields)
            except httpx.TransportError as error:
                last = type(error).__name__
                continue
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
            last = f"status {answer.status_code}"
        raise FormBroken(f"{method} {path.partition('?')[0]}: {last}")


def _card(number: str) -> dict[str, str]:
    return {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": "12",
        "card[exp_year]": "2034",
        "card[cvc]": "123",
    }


def _json_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError as error:
        raise FormBroken(f"no JSON, status {answer.status_code}") from error
    if not isinstance(body, dict):
        raise FormBroken("an answer that is no object")
    return body
