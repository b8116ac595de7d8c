"""The sandbox's Stripe as one thing: account, API, webhooks and the work it does later, put together."""

from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.record import Recorder
from sandbox.scheduler import Scheduler
from sandbox.store import Json, Store
from sandbox.stripe import disputes, intents, objects, payouts, refunds
from sandbox.stripe.account import Account
from sandbox.stripe.webhooks import AUTOMATIC, Dispatcher
from sandbox.stripe.wire import Wire

DEFAULT_ENDPOINT = "we_sandbox"
DEFAULT_EVENTS = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "charge.refunded",
    "charge.failed",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "setup_intent.setup_failed",
    "payout.paid",
    "payout.failed",
]


class StripeServer:
    """Owns the account and everything that acts on it."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, config: Config) -> None:
        self.account = Account(store=store, clock=clock, faults=faults, config=config, recorder=Recorder(config.record))
        self.wire = Wire(self.account)
        self.dispatcher = Dispatcher(self.account)
        handlers: dict[str, Callable[[str], object]] = {
            "deliver": self._on("delivery", self.dispatcher.send_due),
            "settle_charge": self._on("charge", lambda charge: intents.settle(self.account, charge)),
            "finish_refund": self._on("refund", lambda refund: refunds.finish(self.account, refund)),
            "fail_refund": self._on("refund", lambda refund: refunds.fail(self.account, refund)),
            "open_dispute": self._on("charge", lambda charge: disputes.open_by_card(self.account, charge)),
            "dispute_due": self._on("dispute", lambda dispute: disputes.expire(self.account, dispute)),
            payouts.TASK: lambda subject: payouts.run_daily(self.account),
            "finish_payout": self._on("payout", lambda payout: payouts.finish(self.account, payout)),
            "expire_hold": self._on("payment_intent", self._expire_hold),
        }
        self.scheduler = Scheduler(store, clock, handlers)
        self.account.announce = self.dispatcher.announce
        self.wire.send_early = self.dispatcher.send_early
        self.account.schedule = self.scheduler.add

    def _on(self, kind: str, act: Callable[[Json], object]) -> Callable[[str], None]:
        """A task handler that acts on the object the task is about, if it still exists."""

        def handler(subject: str) -> None:
            item = self.account.store.get(kind, subject)
            if item is not None:
                act(item)

        return handler

    def _expire_hold(self, intent: Json) -> None:
        if intent["status"] == "requires_capture":
            intents.cancel(self.account, intent, "automatic")

    async def start(self) -> None:
        """Set up the endpoint from the environment and begin to deliver and to keep promises."""
        self.ensure_endpoint()
        self.scheduler.start()
        payouts.ensure_task(self.account)
        await self.dispatcher.start()

    async def stop(self) -> None:
        self.scheduler.stop()
        await self.dispatcher.stop()
        self.account.recorder.close()

    def begin_anew(self) -> None:
        """Go on after everything was forgotten."""
        self.wire.revoked.clear()
        self.dispatcher.set_mode(AUTOMATIC)
        self.ensure_endpoint()
        self.scheduler.start()
        payouts.ensure_task(self.account)

    def ensure_endpoint(self) -> None:
        """The endpoint that SANDBOX_WEBHOOK_URL describes; its address and secret follow the environment at each
        start.
        """
        config = self.account.config
        endpoint = self.account.store.get("webhook_endpoint", DEFAULT_ENDPOINT)
        if endpoint is None:
            values = {
                "url": config.webhook_url,
                "enabled_events": DEFAULT_EVENTS,
                "description": "From SANDBOX_WEBHOOK_URL",
            }
            endpoint = objects.webhook_endpoint(
                DEFAULT_ENDPOINT, created=self.account.now(), values=values, secret=config.webhook_secret
            )
        endpoint["url"] = config.webhook_url
        if config.webhook_secret not in [entry["secret"] for entry in endpoint["_secrets"]]:
            endpoint["_secrets"] = [{"secret": config.webhook_secret, "until": None}]
        self.account.put("webhook_endpoint", endpoint)
        self.account.store.flush()
