"""One history while it is played: each step is done in a world, and what must hold is looked at after each."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from chaos import desk
from chaos.boundaries import unwatched
from chaos.invariants import LASTING, OVER, STEADY, Told, View, judge
from chaos.limits import Limit
from chaos.matrix import Coverage
from chaos.messages import Post
from chaos.people import Shopper, attempt, order_uuid
from chaos.provider import Json
from chaos.rows import Row, Rows
from chaos.shopfloor import Floor
from chaos.steps import SHOPPERS, Step
from chaos.strike import Outcome, Striker
from chaos.worker import Worker, columns
from chaos.world import World
from codepop.ordering import services as ordering

STEP_SECONDS = 1.0
PERSISTENT = frozenset({"quote", "place", "intent", "cancel"})
"""What the app sends again, with the same key, when no answer came; one shopper closes the app instead."""

GIVES_UP = 2
JUMP_SECONDS, KEY_SECONDS = 1000, 86_400
_MEETINGS = {
    ("claim", "cancel"): ("cancel_meets_start",),
    ("cancel", "claim"): ("cancel_meets_start",),
    ("cancel", "cancel"): ("two_cancel",),
    ("staff_cancel", "claim"): ("cancel_meets_start",),
    ("sweep", "sweep_look"): ("two_at_once",),
    ("sweep", "reconcile"): ("two_at_once",),
    ("sweep", "message"): ("meets_webhook",),
    ("refresh", "message"): ("meets_webhook",),
    ("intent", "intent"): ("tabs",),
}
"""Which columns it visits when somebody else acts in the middle of a step."""

NOTHING_DONE = frozenset(
    {"nothing to order", "no order", "no form", "no code", "nothing to do", "nothing to deliver", "nothing left"}
    | {"nothing to give back", "idle", "no door", "lost one", ""}
)
"""What a step says that found nothing it could do; nothing is looked at again then."""

AT_PROVIDER = frozenset({"confirm", "hand_refund", "intent", "job", "refresh", "sweep", "message"})
MATRIX_STEP = {
    **{"quote": 1, "place": 2, "intent": 3, "claim": 10, "robot": 10, "cancel": 11, "staff_cancel": 11},
    **{"refresh": 15, "sweep": 15},
}


@dataclass
class Tally:
    """What many histories add up to."""

    histories: int = 0
    steps: int = 0
    checked: Counter[str] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Coverage)
    struck: Counter[str] = field(default_factory=Counter)
    limit: Limit = field(default_factory=Limit)
    ends: Counter[str] = field(default_factory=Counter)
    """How orders ended: a run in which nobody ever fetches a drink shows nothing."""


@dataclass
class Verdict:
    """How one history went. `trace` holds what each step came to, without anything that differs between two runs."""

    wrong: list[str]
    at: int | None
    trace: list[str]

    @property
    def digest(self) -> str:
        """Return a short text that is the same for the same course of events."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]


class Played:
    """A history while it is played."""

    def __init__(self, world: World, tally: Tally, *, webhooks: bool = True) -> None:
        self.world, self.tally, self._webhooks = world, tally, webhooks
        self.told = Told()
        self.trace: list[str] = []
        self.shoppers = [Shopper(number, world, self.told) for number in range(SHOPPERS)]
        self.striker = Striker(world.provider, world.logs, self._others(), tally.struck)
        self.worker = Worker(world, self.striker, tally.coverage)
        self.post = Post(world, self.striker, self.told, tally.coverage)
        self.floor = Floor(world, self.striker)
        self._who = 0
        self.points: list[str] = []
        self.circumstances: set[str] = set()
        self._rows, self._books, self._refunds, self._disputes = Rows(), list[Row](), list[Row](), list[Row]()
        self._acts: dict[str, Callable[[Step], str]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def step(self, step: Step) -> list[str]:
        """Play one step; returns what is wrong afterwards."""
        self.world.clock.advance(STEP_SECONDS)
        self.world.clock.share()
        self._who = step.who
        self.points = []
        said = self._acts[step.kind](step)
        if step.fault == "stripe:wrong_amount":
            provider = self.world.provider
            told_of = (*provider.books(), *provider.refunds(), *provider.disputes())
            self.told.lied_about |= {one["id"] for one in told_of}
        self.tally.steps += 1
        self._cover_circumstances(step, said)
        if said in NOTHING_DONE:
            self.trace.append(f"{step} -> {said}")
            return []
        wrong = judge(self.view(asks_provider=step.kind in AT_PROVIDER), STEADY, self.tally.checked)
        self._cover_rows()
        self.trace.append(f"{step} -> {said} {self.states()}")
        return wrong

    def look(self, checks: Any) -> list[str]:
        """Hold everything against the invariants."""
        view = self.view()
        if checks is LASTING:
            view = replace(view, movements=self.world.provider.movements())
        return judge(view, checks, self.tally.checked)

    def view(self, *, asks_provider: bool = True) -> View:
        """Read our rows, and the provider's books unless neither side can have changed them."""
        before, self._rows = self._rows, self.world.rows()
        if asks_provider or self._rows != before:
            self._books = self.world.provider.books()
            back = self._rows.refunds or any(one["amount_refunded"] for one in self._books)
            self._refunds = self.world.provider.refunds() if back else []
            self._disputes = self.world.provider.disputes() if self.told.disputed else []
        return View(self._rows, self._books, self._refunds, self._disputes, self.told, self.world.logs.getvalue())

    def states(self) -> str:
        """Say how all orders stood when last looked at, for the trace."""
        payments = {one["order"]: one["status"] for one in self._rows.payments}
        return " ".join(f"{one['status']}/{payments.get(one['id'])}" for one in self._rows.orders) or "-"

    def all_over(self) -> bool:
        """Say whether every order came to its end."""
        row = self.world.admin.execute(
            "SELECT count(*) FROM ordering_order WHERE status <> ALL (%s)", [sorted(OVER)]
        ).fetchone()
        return row is not None and row[0] == 0

    def count_ends(self) -> None:
        """Note how the orders ended."""
        self.tally.ends.update(one["status"] for one in self.world.rows().orders)

    # --- one step of each kind ---------------------------------------------------------------------------------------

    def _ask(self, step: Step, call: Callable[[], Json], learn: Callable[[Json], None] | None = None) -> str:
        """Send a shopper's request under the step's fault; a lost answer teaches nothing."""
        outcome = self.striker.run(call, step.fault)
        self._cover(step, outcome)
        said, lost = outcome.said, ""
        if step.kind in PERSISTENT and step.who != GIVES_UP and (said is None or said["status"] >= 500):
            lost = f"{said['status'] if said else 'no answer'}, again: "
            said = self.striker.run(call).said
        if said is None:
            return "no answer"
        if said["status"] >= 500 and said["status"] not in (502, 503):
            self.told.server_errors.append(f"{step} was answered {said['status']}")
        if learn:
            learn(said)
        return f"{lost}{said['status']} {said['body'].get('error', {}).get('code', '')}".strip()

    def _cover(self, step: Step, outcome: Outcome, number: int | None = None) -> None:
        self.points = outcome.points
        number = number or MATRIX_STEP.get(step.kind)
        if not outcome.struck or number is None:
            return
        if number in (3, 12) and outcome.after_call and not step.fault.startswith("stripe"):
            number += 1
        for fault in columns(step.fault, outcome):
            self.tally.coverage.visit(number, fault)

    def _cover_circumstances(self, step: Step, said: str) -> None:
        """Count what a step did after a jump of time, or while clocks disagree, or in the middle of another step."""
        if said in NOTHING_DONE:
            return
        number = {"message": 6, "job": 8}.get(step.kind, MATRIX_STEP.get(step.kind, 0))
        for column in self.circumstances:
            self.tally.coverage.visit(number, column)
        kind, *words = step.fault.split(":")
        if kind == "race" and self.points:
            for column in _MEETINGS.get((step.kind, words[0]), ()):
                self.tally.coverage.visit(number, column)

    def _cover_rows(self) -> None:
        """Count what shows only in the rows."""
        refunds = Counter(one["payment"] for one in self._rows.refunds)
        if any(count > 1 for count in refunds.values()):
            self.tally.coverage.visit(12, "part_and_whole")
        if any(one["reason"] == "late_payment" for one in self._rows.refunds):
            self.tally.coverage.visit(8, "paid_too_late")
        if self.told.disputed and self._rows.refunds:
            self.tally.coverage.visit(12, "dispute")
        known = {one["intent"] for one in self._rows.payments}
        for message in self._rows.messages:
            about_refund = message["kind"] in ("refund", "intent_refunds")
            if self.told.disputed and about_refund:
                self.tally.coverage.visit(14, "dispute")
            if message["state"] == "parked" or (message["subject"] not in known and message["kind"] == "intent"):
                self.tally.coverage.visit(14 if about_refund else 7, "before_row")

    def _do_quote(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        return self._ask(step, lambda: shopper.ask_price(step.how), shopper.learn_price)

    def _do_place(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        if shopper.quote is None:
            return "nothing to order"
        how = "" if step.how in ("tabs", "again") else step.how
        said = self._ask(step, lambda: shopper.place(how), shopper.learn_order if how != "other" else None)
        if step.how == "tabs":
            said += " / " + self._ask(Step("place", step.who), lambda: shopper.place("other_key"))
        names = {"again": "again", "tabs": "tabs", "other": "other_payload"}
        if step.how in names:
            self.tally.coverage.visit(2, names[step.how])
        if self.floor.changed:
            self.tally.coverage.visit(2, self.floor.changed)
        return said

    def _do_intent(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        if not shopper.order_id:
            return "no order"
        if step.how == "again":
            self.tally.coverage.visit(3, "again")
        if self.floor.changed:
            self.tally.coverage.visit(3, self.floor.changed)
        return self._ask(step, lambda: shopper.get_ready_to_pay(step.how), shopper.learn_intent)

    def _do_confirm(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        if step.how == "stray":
            stray = [one for one in self.world.provider.books() if one["metadata"].get("order") == shopper.order_id]
            shopper.intent_id = stray[0]["id"] if stray else ""
        if not shopper.intent_id:
            return "no form"
        if step.how == "dispute":
            self.told.disputed.add(shopper.intent_id)
        said = shopper.pay(step.how)
        if step.fault:
            self.tally.coverage.visit(5, step.fault)
            said += " / " + shopper.pay(step.how)
        return said

    def _do_refresh(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        return self._ask(step, lambda: shopper.refresh(""), shopper.learn_state) if shopper.order_id else "no order"

    def _do_look(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        return self._ask(step, lambda: shopper.look(""), shopper.learn_state) if shopper.order_id else "no order"

    def _do_pickup(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        return self._ask(step, lambda: shopper.choose(step.how)) if shopper.order_id else "no order"

    def _do_cancel(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        if not shopper.order_id:
            return "no order"
        if step.how == "again":
            self.tally.coverage.visit(11, "again")
        return self._ask(step, lambda: shopper.cancel(step.how))

    def _do_staff_cancel(self, step: Step) -> str:
        return self._staff(step, desk.cancels(self.shoppers[step.who], "staff"))

    def _do_staff_refund(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        row = self.world.rows().payment_of(shopper.order_id)
        if row is None or row["status"] != "succeeded":
            return "nothing to give back"
        return self._staff(step, desk.gives_back(self.world, shopper, step.how))

    def _do_staff_remake(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        if not shopper.order_id:
            return "no order"
        return self._staff(step, desk.makes_again(self.world, shopper, step.how))

    def _staff(self, step: Step, act: Callable[[], None]) -> str:
        if not self.shoppers[step.who].order_id:
            return "no order"
        outcome = self.striker.run(lambda: attempt(act), step.fault)
        self._cover(step, outcome)
        return came_to(outcome)

    def _do_hand_refund(self, step: Step) -> str:
        return self.post.refund_by_hand(self.shoppers[step.who], step.how)

    def _do_message(self, step: Step) -> str:
        return self.post.play(step)

    def _do_job(self, step: Step) -> str:
        said = self.worker.work(step)
        self.points = self.worker.points
        return said

    def _do_sweep(self, step: Step) -> str:
        said, outcome = self.worker.sweep(step.how, step.fault)
        if outcome:
            self._cover(step, outcome)
        return said

    def _do_claim(self, step: Step) -> str:
        outcome = self.floor.claim(step.who, step.fault)
        self._cover(step, outcome)
        return came_to(outcome)

    def _do_robot(self, step: Step) -> str:
        outcome = self.floor.robot(step.who, step.how, step.fault)
        self._cover(step, outcome)
        return came_to(outcome)

    def _do_door(self, step: Step) -> str:
        shopper = self.shoppers[step.who]
        code = self.floor.code_of(shopper.order_id, wrong=step.how == "wrong")
        if not code:
            return "no code"
        return self._ask(
            step,
            lambda: shopper.api(
                "POST",
                f"/orders/{shopper.order_id}/open-door",
                {"code": code},
                key=f"chaos-open-door-{len(self.trace):06d}",
            ),
        )

    def _do_keypad(self, step: Step) -> str:
        return came_to(self.floor.keypad(self.shoppers[step.who].order_id, step.how, step.fault))

    def _do_opened(self, step: Step) -> str:
        return came_to(self.floor.opened(self.shoppers[step.who].order_id, step.fault))

    def _do_tick(self, step: Step) -> str:
        self.world.clock.advance(float(step.how))
        self.circumstances |= {"jump"} if float(step.how) >= JUMP_SECONDS else set()
        self.circumstances |= {"key_expired"} if float(step.how) >= KEY_SECONDS else set()
        self.world.clock.share()
        return ""

    def _do_shop(self, step: Step) -> str:
        self.circumstances |= {"skew"} if step.how == "skew" else set()
        return self.floor.change(step.how)

    # --- what others may do in the middle of a step ------------------------------------------------------------------

    def _others(self) -> dict[str, Callable[[], None]]:
        def quietly(act: Callable[[], object]) -> Callable[[], None]:
            def acted() -> None:
                with unwatched():
                    act()

            return acted

        return {
            "cancel": quietly(lambda: attempt(desk.cancels(self.shoppers[self._who % SHOPPERS], "staff"))),
            "refresh": quietly(self._refresh_all),
            "claim": quietly(lambda: self.floor.claim(1, "")),
            "message": quietly(lambda: self.post.play(Step("message", 0, "all"))),
            "sweep_expire": quietly(lambda: self.worker.sweep("expire_stale", "")),
            "sweep_look": quietly(lambda: self.worker.sweep("look_at_open", "")),
            "reconcile": quietly(lambda: self.worker.sweep("reconcile", "")),
            "intent": quietly(lambda: self._do_intent(Step("intent", self._who % SHOPPERS))),
            "job": quietly(lambda: self.worker.work(Step("job"))),
        }

    def _refresh_all(self) -> None:
        for shopper in self.shoppers:
            if shopper.order_id:
                attempt(partial(ordering.refresh_order, order_id=order_uuid(shopper)))


def came_to(outcome: Outcome) -> str:
    """Say in a word what a command came to."""
    if outcome.said is None:
        return "no answer"
    return str(outcome.said.get("done") or outcome.said.get("refused"))
