"""What must hold whatever happens. Pure: our rows and the provider's books in, sentences about what is wrong out.

An invariant of kind "S" holds after every step, one of kind "L" once faults have stopped and the system had time.
Each is one small function; `STEADY` and `LASTING` say which is which.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from chaos.rows import Row, Rows
from codepop.ordering.machine import FIRST, PAIRS

SOLD = frozenset({"paid", "queued", "preparing", "ready", "picked_up", "discarded"})
MADE = frozenset({"preparing", "ready", "picked_up", "discarded"})
UNPAID_END = frozenset({"cancelled", "expired", "failed"})
OVER = frozenset({"picked_up", "discarded", "cancelled", "expired", "failed"})
ACCOUNTS = ("receivable", "disputed", "losses", "fees")
REFUSED_FOR_A_DISPUTE = "charge_disputed"
GOOD = frozenset({"pending", "succeeded", "requires_action"})
_SECRETS = re.compile(
    r"[A-Za-z0-9._%+-]+@example\.com|whsec_\w+|sk_test_\w+|pi_\w+_secret_\w+|(?<![\w.-])4\d{15}(?![\w-])"
)


@dataclass(frozen=True)
class Answer:
    """One answer to a call with an idempotency key: `asked` is what was sent, `said` what came back."""

    key: str
    asked: str
    status: int
    said: str


@dataclass
class Told:
    """What customers were shown and answered so far, and what the provider was made to lie about."""

    answers: list[Answer] = field(default_factory=list)
    paid: dict[str, str] = field(default_factory=dict)
    """Orders that were shown as paid, with the status that said so."""
    server_errors: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    disputed: set[str] = field(default_factory=set)
    """Intents whose holder disputes the charge: the bank's business until it decides."""
    lied_about: set[str] = field(default_factory=set)
    """What the provider told untruths about, by its ids: messages about that may be put aside for a person."""


@dataclass(frozen=True)
class View:
    """All that an invariant may look at."""

    rows: Rows
    books: Sequence[Row] = ()
    provider_refunds: Sequence[Row] = ()
    provider_disputes: Sequence[Row] = ()
    told: Told = field(default_factory=Told)
    logs: str = ""
    movements: Sequence[Row] = ()
    """The lines of the provider's balance; read at the end of a history."""

    def books_of(self, order_id: str) -> list[Row]:
        """Return the provider's payments for an order."""
        return [one for one in self.books if one["metadata"].get("order") == order_id]

    def captured(self, order_id: str) -> int:
        """Return what the provider took for an order."""
        return sum(one["amount_captured"] for one in self.books_of(order_id))

    def disputed(self, order_id: str) -> int:
        """Return what banks hold, or have kept, of an order."""
        return sum(one["amount_disputed"] for one in self.books_of(order_id))

    def given_back(self, order_id: str) -> int:
        """Return what the provider gave back, or is giving back, of an order."""
        return sum(one["amount_refunded"] for one in self.books_of(order_id))


Finding = Iterator[str]
Check = Callable[[View], Finding]


def i1_no_double_charge(view: View) -> Finding:
    """At most one charge an order, over exactly its total, in its currency."""
    charged = defaultdict(list)
    for book in view.books:
        if book["amount_captured"]:
            charged[book["metadata"].get("order", "")].append(book)
        if book["charges_succeeded"] > 1:
            yield f"intent {book['id']} was charged {book['charges_succeeded']} times"
    for order_id, books in charged.items():
        order = view.rows.order(order_id)
        taken = sum(one["amount_captured"] for one in books)
        if len(books) > 1:
            yield f"order {order_id} was charged by {len(books)} payments"
        if order and (taken > order["total"] or books[0]["currency"] != order["currency"]):
            yield f"order {order_id} over {order['total']} {order['currency']} was charged {taken}"


def i2_no_lost_paid_order(view: View) -> Finding:
    """L: every charge has its one order, sold or paid back."""
    for book in view.books:
        order_id = book["metadata"].get("order", "")
        if not book["amount_captured"] or book["id"] in view.told.disputed:
            continue
        order = view.rows.order(order_id)
        if order is None:
            yield f"intent {book['id']} took {book['amount_captured']} for no order"
        elif order["status"] not in SOLD and view.given_back(order_id) < book["amount_captured"]:
            yield f"order {order_id} is {order['status']}, paid {book['amount_captured']} and not paid back"


def i3_nothing_is_made_unpaid(view: View) -> Finding:
    """No drink is begun without its whole price captured."""
    for order in view.rows.orders:
        if order["status"] in MADE | {"queued", "paid"} and view.captured(order["id"]) != order["total"]:
            yield f"order {order['id']} is {order['status']}: {view.captured(order['id'])} of {order['total']} captured"


def i4_refunds_once(view: View) -> Finding:
    """Never more paid back than taken, and one refund at the provider for each of ours."""
    for book in view.books:
        if book["amount_refunded"] > book["amount_captured"]:
            yield f"intent {book['id']}: {book['amount_refunded']} paid back of {book['amount_captured']}"
    for payment in view.rows.payments:
        if payment["refunding"] > payment["amount"]:
            yield f"payment {payment['id']}: refunds of {payment['refunding']} of {payment['amount']}"
    good = [one for one in view.provider_refunds if one["status"] in GOOD]
    for ours, count in Counter(one["metadata"].get("refund") for one in good).items():
        if ours and count > 1:
            yield f"refund {ours} was carried out {count} times"


def i4_cancelled_is_paid_back(view: View) -> Finding:
    """L: what was taken for an order that was not delivered is given back whole, by us or by the payer's bank.

    The provider refuses to refund a disputed charge, whatever the bank decides then: what the bank doesn't give back
    waits for a person, as a refund that failed for this reason.
    """
    for order in view.rows.orders:
        if order["status"] not in UNPAID_END:
            continue
        taken, back, held = view.captured(order["id"]), view.given_back(order["id"]), view.disputed(order["id"])
        if taken != back + held and not _waits_for_a_person(view, order["id"]):
            yield f"order {order['id']} is {order['status']}: {taken} taken, {back} paid back, {held} held by banks"


def _waits_for_a_person(view: View, order_id: str) -> bool:
    """Say whether staff are shown that an order's money could not go back because its charge is disputed."""
    payment = view.rows.payment_of(order_id)
    return payment is not None and any(
        refund["status"] == "failed" and refund["failure"] == REFUSED_FOR_A_DISPUTE
        for refund in view.rows.refunds
        if refund["payment"] == payment["id"] and payment["intent"] in view.told.disputed
    )


def i5_entries_balance(view: View) -> Finding:
    """Every ledger transaction sums to zero in one currency."""
    for booked in view.rows.ledger:
        if booked["sum"] or booked["currencies"] != 1:
            yield f"ledger transaction {booked['key']} sums to {booked['sum']} in {booked['currencies']} currencies"


def i5_books_agree(view: View) -> Finding:
    """L: each account of our ledger says of a payment what the provider's books say."""
    ours: dict[str, Counter[str]] = defaultdict(Counter)
    for booked in view.rows.ledger:
        ours[booked["payment"]].update({name: booked[name] for name in ACCOUNTS})
    for payment in view.rows.payments:
        theirs = _at_provider(view, payment["id"])
        here = ours[payment["id"]]
        for name in ACCOUNTS:
            if here[name] != theirs[name]:
                yield f"payment {payment['id']}: {name} {theirs[name]} at the provider, {here[name]} here"


def _at_provider(view: View, payment_id: str) -> Counter[str]:
    """Return what our accounts must hold of a payment, from the provider's charges, refunds and disputes."""
    books = [one for one in view.books if one["metadata"].get("payment") == payment_id]
    ids = {one["id"] for one in books}
    refunds = [
        one for one in {one["id"]: one for one in view.provider_refunds}.values() if one["payment_intent"] in ids
    ]
    taken = sum(one["amount_captured"] for one in books)
    theirs = Counter(receivable=taken - sum(one["amount"] for one in refunds if one["status"] == "succeeded"))
    for dispute in (one for one in view.provider_disputes if one["payment_intent"] in ids):
        moved = sum(line["amount"] for line in dispute["balance_transactions"])
        fees = sum(line["fee"] for line in dispute["balance_transactions"])
        theirs.update({"receivable": moved - fees, "fees": fees})
        theirs.update({"losses" if dispute["status"] == "lost" else "disputed": -moved})
    return theirs


def i5_days_agree(view: View) -> Finding:
    """L: what the provider's balance moved for each store and day is what our ledger holds, also as sums.

    What was booked for a movement counts on the movement's day, what has none on its own.
    """
    movements = dict(_movements(view))
    theirs: Counter[tuple[str, str]] = Counter()
    for store, day, cents in movements.values():
        theirs[store, day] += cents
    ours: Counter[tuple[str, str]] = Counter()
    for booked in view.rows.ledger:
        moved = movements.get(booked["key"])
        ours[booked["store"], moved[1] if moved else booked["day"]] += booked["receivable"]
    for place in sorted({*ours, *theirs}):
        if ours[place] != theirs[place]:
            yield f"store {place[0]} on {place[1]}: {theirs[place]} moved at the provider, {ours[place]} booked here"


def _movements(view: View) -> Iterator[tuple[str, tuple[str, str, int]]]:
    """Return each movement that is ours by the key of what must be booked for it: store, day and cents."""
    charges = {one["charge"]: one for one in view.rows.payments}
    by_id = {one["id"]: one for one in view.rows.payments}
    by_intent = {one["intent"]: one for one in view.rows.payments}
    refunds = {one["provider_id"]: one for one in view.rows.refunds}
    disputed = {one["id"]: by_intent.get(one["payment_intent"]) for one in view.provider_disputes}
    for line in view.movements:
        source, kind, cents = line["source"], line["type"], line["amount"]
        if payment := charges.get(source):
            key = f"charge:{payment['id']}"
        elif refund := refunds.get(source):
            payment = by_id[refund["payment"]]
            key = f"{'refund_failed' if kind == 'refund_failure' else 'refund'}:{refund['id']}"
        elif payment := disputed.get(source):
            key, cents = f"dispute:{source}:{line['id']}", line["net"]
        else:
            continue
        yield key, (payment["store"], datetime.fromtimestamp(line["created"], UTC).date().isoformat(), cents)


def i6_legal_moves(view: View) -> Finding:
    """Each order's history is a path of the declared graph that ends where the order stands."""
    path: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for order_id, before, after in view.rows.moves:
        path[order_id].append((before, after))
    for order in view.rows.orders:
        moves = path[order["id"]]
        # A remake has nothing to pay: it begins where an order is once it is paid.
        allowed = {("", "paid" if order["remake_of"] else FIRST.value), *PAIRS}
        linked = all(one[1] == two[0] for one, two in pairwise(moves))
        if not moves or moves[0][0] or moves[-1][1] != order["status"] or not linked or set(moves) - allowed:
            yield f"order {order['id']} is {order['status']} after {moves}"


def i7_messages_once(view: View) -> Finding:
    """A message has its effect once, and none about a payment of ours is put aside as not ours."""
    ours = {one["id"] for one in view.books if one["metadata"].get("payment")}
    aside = view.told.lied_about | view.told.disputed
    for event, count in Counter(one["event"] for one in view.rows.messages).items():
        if count > 1:
            yield f"message {event} was stored {count} times"
    for message in view.rows.messages:
        if message["state"] == "ignored" and message["subject"] in ours:
            yield f"message {message['event']} about {message['subject']} was ignored"
        if message["state"] == "quarantined" and message["subject"] not in aside:
            yield f"message {message['event']} about {message['subject']} was quarantined"
    charges = Counter(one["payment"] for one in view.rows.ledger if one["key"].startswith("charge:"))
    for payment, count in charges.items():
        if count > 1:
            yield f"payment {payment} was booked {count} times"


def i8_same_key_same_answer(view: View) -> Finding:
    """One key: one payload, one answer, one order."""
    first: dict[str, Answer] = {}
    for answer in view.told.answers:
        if not 200 <= answer.status < 300:
            continue
        before = first.setdefault(answer.key, answer)
        if before.asked != answer.asked:
            yield f"key {answer.key[:12]} was taken for two different requests"
        elif (before.status, before.said) != (answer.status, answer.said):
            yield f"key {answer.key[:12]} got two different answers"
    for quote, count in Counter(one["quote"] for one in view.rows.orders).items():
        if count > 1:
            yield f"quote {quote} became {count} orders"


def i9_stock_adds_up(view: View) -> Finding:
    """On hand is what moved, reserved what is held, nothing is negative, and each order holds what its state says."""
    held: Counter[str] = Counter()
    status = {}
    for one in view.rows.reservations:
        status[one["order"]] = one["status"]
        if one["status"] == "active":
            held.update(one["amounts"])
    for level in view.rows.levels:
        if level["on_hand"] != level["moved"] or level["reserved"] != held[level["ingredient"]]:
            yield f"stock of {level['ingredient']}: {level}, held {held[level['ingredient']]}"
        if not 0 <= level["reserved"] <= level["on_hand"]:
            yield f"stock of {level['ingredient']} is negative or oversold: {level}"
    wanted = {"payment_pending": "active", "paid": "active", "queued": "active", "cancelled": "released"}
    wanted |= {"expired": "released", **dict.fromkeys(MADE, "consumed")}
    for order in view.rows.orders:
        want = wanted.get(order["status"])
        if want and status.get(order["id"]) != want:
            yield f"order {order['id']} is {order['status']}, its stock {status.get(order['id'])}"


def i10_nothing_waits_unheard(view: View) -> Finding:
    """What an order's change must set in motion is there: the robots' ticket, the refund, the message's job."""
    tickets = {one["order"]: one["status"] for one in view.rows.tickets}
    fitting = {
        "queued": {"queued"},
        "preparing": {"claimed", "making"},
        "ready": {"done"},
        "picked_up": {"done"},
        "discarded": {"done"},
    }
    payments = {one["order"]: one for one in view.rows.payments}
    refunded = {one["payment"] for one in view.rows.refunds}
    for order in view.rows.orders:
        want = fitting.get(order["status"])
        if want and tickets.get(order["id"]) not in want:
            yield f"order {order['id']} is {order['status']}, its ticket {tickets.get(order['id'])}"
        payment = payments.get(order["id"])
        if order["remake_of"]:
            continue
        if payment is None:
            yield f"order {order['id']} has no payment"
        elif order["status"] in UNPAID_END and payment["status"] == "succeeded" and payment["id"] not in refunded:
            yield f"order {order['id']} is {order['status']} and paid, no refund was asked for"
    for door, count in Counter(one["door"] for one in view.rows.doors if one["state"] != "closed").items():
        if count > 1:
            yield f"door {door} holds {count} orders"


def i10_everybody_is_told(view: View) -> Finding:
    """What a customer must hear is queued in the commit it is about: by mail and in the app, once each."""
    told = Counter((one["key"], one["channel"]) for one in view.rows.notices)
    for (key, channel), count in told.items():
        if count > 1:
            yield f"{key} was said {count} times by {channel}"
    keys = {f"paid:{order}" for order, before, after in view.rows.moves if before and after == "paid"}
    # An order that goes back from the line to paid was paid before; a remake was paid with its first order.
    keys -= {f"paid:{one['id']}" for one in view.rows.orders if one["remake_of"]}
    keys |= {f"ready:{order}" for order, _, after in view.rows.moves if after == "ready"}
    keys |= {f"refunded:{one['id']}" for one in view.rows.refunds if one["status"] == "succeeded"}
    for key in sorted(keys):
        for channel in ("mail", "in_app"):
            if not told[key, channel]:
                yield f"{key} is not said by {channel}"


def i10_a_broken_remake_is_paid_back(view: View) -> Finding:
    """A remake that is never made is noted as broken in the same commit, which asks for the money of its drinks."""
    status = {one["id"]: one["status"] for one in view.rows.orders if one["remake_of"]}
    for one in view.rows.amends:
        if one["remake"] and (status.get(one["remake"]) in UNPAID_END) != (one["state"] == "broken"):
            yield f"remake {one['remake']} is {status.get(one['remake'])}, making good is {one['state']}"
    known = {one["remake"] for one in view.rows.amends}
    yield from (f"remake {remake} has no reason" for remake in status if remake not in known)


def i11_settled_in_time(view: View) -> Finding:
    """L: what is final at the provider is final with us, within the bound that the driver waits for."""
    final = {"succeeded": "succeeded", "canceled": "cancelled"}
    ours = {one["intent"]: one for one in view.rows.payments if one["intent"]}
    for book in view.books:
        payment = ours.get(book["id"])
        want = final.get(book["status"])
        if payment is None or want is None:
            continue
        if payment["status"] != want:
            yield f"intent {book['id']} is {book['status']}, payment {payment['id']} is {payment['status']}"
    held = {payment["id"] for payment in view.rows.payments if payment["intent"] in view.told.disputed}
    for refund in view.rows.refunds:
        # While a bank decides nothing is given back; without a dispute every refund is under way.
        if refund["status"] == "requested" and refund["payment"] not in held:
            yield f"refund {refund['id']} ({refund['reason']}) was never sent"


def i12_no_secrets(view: View) -> Finding:
    """No e-mail address, card number or key in logs, jobs or the inbox."""
    kept = (*view.rows.jobs, *view.rows.messages)
    for text in (view.logs, *map(str, kept)):
        if found := _SECRETS.search(text):
            yield f"personal or secret: {found[0][:6]}… in {text[max(0, found.start() - 60) : found.start()]!r}"


def i13_told_the_truth(view: View) -> Finding:
    """What customers were shown agrees with our books: paid stays paid, or the money goes back; no answer is a 500.

    One failed refund is no lie: the provider refuses to refund a charge whose money a bank has taken back, and keeps
    to that when the bank decides for us. Sent before we had heard of the dispute, the refund fails; heard of before,
    it waits for the bank, and then either nothing is left to give back (lost) or it fails as well (won). Nobody can
    refund such a charge, so CodePop must not try for ever: it keeps the refund as failed in the list of money that
    needs a person, who pays back another way. The books say so too (I5), and only this reason counts.
    """
    yield from view.told.server_errors
    yield from view.told.disagreements
    refunded = {one["payment"] for one in view.rows.refunds if one["status"] != "failed"}
    for order_id, said in view.told.paid.items():
        order, payment = view.rows.order(order_id), view.rows.payment_of(order_id)
        back = (payment is not None and payment["id"] in refunded) or _waits_for_a_person(view, order_id)
        if order is None or (order["status"] not in SOLD and not back):
            yield f"order {order_id} was shown as {said}, now it is {order and order['status']} and not paid back"


STEADY: Mapping[str, tuple[Check, ...]] = {
    "I1": (i1_no_double_charge,),
    "I3": (i3_nothing_is_made_unpaid,),
    "I4": (i4_refunds_once,),
    "I5": (i5_entries_balance,),
    "I6": (i6_legal_moves,),
    "I7": (i7_messages_once,),
    "I8": (i8_same_key_same_answer,),
    "I9": (i9_stock_adds_up,),
    "I10": (i10_nothing_waits_unheard, i10_everybody_is_told, i10_a_broken_remake_is_paid_back),
    "I12": (i12_no_secrets,),
    "I13": (i13_told_the_truth,),
}
LASTING: Mapping[str, tuple[Check, ...]] = {
    "I2": (i2_no_lost_paid_order,),
    "I4": (i4_cancelled_is_paid_back,),
    "I5": (i5_books_agree, i5_days_agree),
}
IN_TIME: Mapping[str, tuple[Check, ...]] = {"I11": (i11_settled_in_time,)}


def judge(view: View, checks: Mapping[str, tuple[Check, ...]], counts: Counter[str]) -> list[str]:
    """Run the checks, count each, and return what is wrong with the invariant's name before it."""
    found: list[str] = []
    for name, functions in checks.items():
        counts[name] += 1
        for check in functions:
            found += [f"{name}: {text}" for text in check(view)]
    return found
