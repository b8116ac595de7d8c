"""Two stores in two regions with something of every kind in each, and everybody who might ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.test import Client

from codepop.accounts.access import token_digest
from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant
from codepop.accounts.tests.factories import confirm_identity, make_staff, make_user
from codepop.accounts.viewing import put_view
from codepop.aftersales.models import Amends, Batch, Cause, Kind, State
from codepop.core.models import InboxMessage, InboxState
from codepop.fulfilment.tests.factories import Cooler, make_cooler
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.notifications.kinds import Channel, Urgency
from codepop.notifications.models import Message
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import MadeOrder, make_order, make_quote
from codepop.payments.models import (
    BreakKind,
    Dispute,
    DisputeState,
    GuardAlert,
    GuardKind,
    Payment,
    ReconciliationBreak,
)
from codepop.privacy.models import Export, ExportState
from codepop.stores.models import Device

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
CSRF: Final = "c" * 32
ELSEWHERE: Final = "203.0.113.9"


@dataclass(frozen=True)
class Thing:
    """Something an address names: whose it is and where. `ids` fill the address and the form."""

    name: str
    ids: Mapping[str, Any]
    exists: bool = True
    owner_id: UUID | None = None
    token_hash: bytes | None = None
    store_id: UUID | None = None
    region_id: UUID | None = None


@dataclass
class Asker:
    """A principal, with how it shows itself. `user` is None for whoever does not count as signed in."""

    name: str
    user: User | None = None
    grants: Sequence[tuple[Role, ScopeKind, UUID | None]] = ()
    token_hash: bytes | None = None
    device: str = ""
    only_devices: bool = False
    """Another machine: to everything but the devices' calls it is what the first one is, nobody."""
    shows_csrf: bool = True
    confirmed: bool = False
    """Has shown just now that it is still them."""
    looks: bool = False
    """Looks as another role, whose grants these are."""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, REMOTE_ADDR=ELSEWHERE))
    headers: dict[str, str] = field(default_factory=dict)
    session_key: str = ""

    def __post_init__(self) -> None:
        self.show_cookies()
        if self.shows_csrf:
            self.headers["X-CSRFToken"] = CSRF

    def sign_in(self, user: User) -> None:
        """Begin a session, as the sign-in would."""
        self.client.force_login(user, backend=BACKEND)
        if self.confirmed:
            confirm_identity(self.client)
        self.session_key = self.client.cookies["sessionid"].value
        self.show_cookies()

    def show_cookies(self) -> None:
        """Hold the cookies again that signing in has set, whatever an answer did to them."""
        self.client.cookies["csrftoken"] = CSRF
        if self.session_key:
            self.client.cookies["sessionid"] = self.session_key


@dataclass
class World:
    """What there is. `things` by kind; the last of each kind does not exist."""

    here: Cooler
    there: Cooler
    customer: User
    stranger: User
    guest_token: str
    quote_id: str
    things: dict[str, list[Thing]] = field(default_factory=dict)


def make_world() -> World:
    here = make_cooler(robots=1, doors=3)
    there = make_cooler(robots=1, doors=3, menu=here.shop.menu)
    customer, stranger = make_user(), make_user()
    mine = make_order(shop=here.shop, customer_id=customer.id)
    guests = make_order(shop=here.shop)
    theirs = make_order(shop=there.shop, customer_id=stranger.id)
    quote = make_quote(shop=here.shop)
    world = World(here, there, customer, stranger, guests.token, str(quote["id"]))
    world.things["order"] = [
        _order("the customer's order", mine),
        _order("a guest's order", guests),
        _order("another's order elsewhere", theirs),
        Thing("no order", {"order_id": uuid7(), "notice_id": uuid7()}, exists=False),
    ]
    world.things["store"] = [
        *(_at(cooler, name, slug=cooler.shop.store.slug, store_id=cooler.store_id) for name, cooler in _both(world)),
        Thing("no store", {"slug": "no-such-store", "store_id": uuid7()}, exists=False),
    ]
    world.things["nothing"] = [Thing("nothing", {}, exists=False)]
    _add_people(world)
    _add_money(world)
    return world


def _both(world: World) -> tuple[tuple[str, Cooler], tuple[str, Cooler]]:
    return ("the store here", world.here), ("the store elsewhere", world.there)


def _at(cooler: Cooler, name: str, **ids: Any) -> Thing:
    return Thing(name, ids, store_id=cooler.store_id, region_id=cooler.shop.store.region_id)


def _order(name: str, made: MadeOrder) -> Thing:
    order = made.order
    notice = Message.objects.create(
        key=f"notice:{order.id}",
        channel=Channel.IN_APP.value,
        kind="ready",
        urgency=Urgency.ORDER.value,
        order_id=order.id,
        state="sent",
    )
    return Thing(
        name,
        {"order_id": order.id, "notice_id": notice.id},
        owner_id=order.customer_id,
        token_hash=token_digest(made.token),
        store_id=order.store_id,
        region_id=order.store.region_id,
    )


def _add_people(world: World) -> None:
    there = _at(world.there, "a manager elsewhere", person_id=make_staff(scope_id=world.there.store_id).id)
    world.things["person"] = [
        _at(world.here, "a manager here", person_id=make_staff(scope_id=world.here.store_id).id),
        there,
        Thing("nobody", {"person_id": uuid7()}, exists=False),
    ]
    at = now()
    ready = {"state": ExportState.READY, "asked_at": at, "ready_at": at, "expires_at": at + timedelta(days=1)}
    file = Export.objects.create(user=world.customer, content="AAAA", **ready)
    world.things["export"] = [
        Thing("the customer's export", {"export_id": file.id}, owner_id=world.customer.id),
        Thing("no export", {"export_id": uuid7()}, exists=False),
    ]
    world.things["account"] = [
        Thing("a customer's account", {"email": world.customer.email}),
        Thing("no account", {"email": "nobody@example.org"}, exists=False),
    ]


def _add_money(world: World) -> None:
    rows: dict[str, list[Thing]] = {name: [] for name in ("payment", "dispute", "alert", "amends", "batch", "break")}
    rows["order of a store"] = []
    for name, cooler in _both(world):
        paid = make_order(shop=cooler.shop, status=Status.PICKED_UP).order
        payment = Payment.objects.get(reference=paid.id)
        ids = {"slug": cooler.shop.store.slug, "order_id": paid.id}
        rows["order of a store"].append(_at(cooler, f"an order of {name}", **ids))
        rows["payment"].append(_at(cooler, f"a payment of {name}", payment_id=payment.id))
        rows["dispute"].append(_at(cooler, f"a dispute of {name}", dispute_id=_dispute(payment).id))
        rows["alert"].append(_at(cooler, f"an alert of {name}", alert_id=_alert(cooler).id))
        rows["amends"].append(_at(cooler, f"a request of {name}", amends_id=_amends(paid.id, cooler).id))
        rows["batch"].append(_at(cooler, f"a bulk refund of {name}", batch_id=_batch(cooler).id))
        rows["break"].append(_at(cooler, f"a difference of {name}", break_id=_break(payment).id))
    rows["break"].append(Thing("a difference of no store", {"break_id": _break(None).id}))
    for kind, things in rows.items():
        if kind == "order of a store":
            things.append(Thing("no order", {"slug": world.here.shop.store.slug, "order_id": uuid7()}, exists=False))
            continue
        things.append(Thing(f"no {kind}", {f"{kind}_id": uuid7()}, exists=False))
    held = InboxMessage.objects.create(
        provider="stripe", external_id="evt_held", kind="charge.updated", state=InboxState.QUARANTINED
    )
    rows["message"] = [
        Thing("a held message", {"message_id": held.pk}),
        Thing("no message", {"message_id": held.pk + 1_000_000}, exists=False),
    ]
    world.things |= rows


def _dispute(payment: Payment) -> Dispute:
    return Dispute.objects.create(
        payment=payment,
        provider_dispute_id=f"dp_{payment.id.hex}",
        state=DisputeState.NEEDS_RESPONSE,
        inquiry=False,
        reason="fraudulent",
        amount_cents=100,
        opened_at=now(),
        due_at=now() + timedelta(days=7),
        observed_at=now(),
    )


def _alert(cooler: Cooler) -> GuardAlert:
    at = now()
    return GuardAlert.objects.create(
        kind=GuardKind.STORE,
        key_hash=cooler.store_id.bytes * 2,
        store=cooler.shop.store,
        declines=9,
        first_at=at,
        last_at=at,
        until=at + timedelta(hours=1),
    )


def _amends(order_id: UUID, cooler: Cooler) -> Amends:
    return Amends.objects.create(
        form_key=uuid7(),
        order_id=order_id,
        store=cooler.shop.store,
        kind=Kind.REFUND,
        cause=Cause.FAULTY,
        amount_cents=100,
        currency="usd",
        state=State.WAITING,
        asked_by=make_staff(scope_id=cooler.store_id),
        asked_role=Role.MANAGER,
    )


def _batch(cooler: Cooler) -> Batch:
    return Batch.objects.create(
        form_key=uuid7(),
        store=cooler.shop.store,
        since=now() - timedelta(hours=1),
        until=now(),
        cause=Cause.FAULTY,
        urgent=False,
        total_cents=100,
        currency="usd",
        asked_by=make_staff(scope_id=cooler.store_id),
    )


def _break(payment: Payment | None) -> ReconciliationBreak:
    return ReconciliationBreak.objects.create(
        kind=BreakKind.CHARGE_DIFFERS,
        subject=str(payment.id if payment else uuid7()),
        payment=payment,
        ours="100",
        theirs="90",
        last_seen_at=now(),
    )


def make_askers(world: World) -> list[Asker]:
    """Everybody: guests, customers, each role here, elsewhere and region-wide, and who should count as nobody."""
    guests = [
        Asker("anonymous"),
        _with_token("guest with the order's secret", world.guest_token),
        _with_token("guest with a wrong secret", "wrong-" + world.guest_token),
    ]
    customers = [
        _signed_in("the customer", world.customer),
        _signed_in("the customer, who confirmed it", world.customer, confirmed=True),
        _signed_in("another customer", world.stranger),
        _signed_in("another customer, who confirmed it", world.stranger, confirmed=True),
        _signed_in("the customer, no CSRF token", world.customer, shows_csrf=False),
    ]
    return [*guests, *customers, *_staff(world), _looking(world), *_nobodies(world), *_devices(world)]


def _looking(world: World) -> Asker:
    """A super admin who looks as a manager."""
    grant = Grant(Role.MANAGER, ScopeKind.STORE, world.here.store_id)
    words = [(grant.role, grant.scope_kind, grant.scope_id)]
    asker = _signed_in("a super admin who looks", make_staff(role=Role.SUPER_ADMIN), grants=words, looks=True)
    session = asker.client.session
    put_view(session, grant, world.here.shop.store.region_id)
    session.save()
    return asker


def _with_token(name: str, token: str) -> Asker:
    return Asker(name, token_hash=token_digest(token), headers={"X-Order-Token": token})


def _signed_in(name: str, user: User, **more: Any) -> Asker:
    asker = Asker(name, user=user, **more)
    asker.sign_in(user)
    return asker


def _staff(world: World) -> list[Asker]:
    asking = []
    region = world.here.shop.store.region_id
    for role in Role:
        if role == Role.SUPER_ADMIN:
            scopes: list[tuple[str, ScopeKind, UUID | None]] = [("of the chain", ScopeKind.CHAIN, None)]
        else:
            scopes = [
                ("here", ScopeKind.STORE, world.here.store_id),
                ("elsewhere", ScopeKind.STORE, world.there.store_id),
                ("of the region", ScopeKind.REGION, region),
            ]
        if role == Role.ADMIN:
            del scopes[-1]  # the manager shows what a region does; each asker costs some seconds
        for words, kind, scope in scopes:
            user = make_staff(role=role, scope_kind=kind, scope_id=scope)
            asking.append(_signed_in(f"{role.label} {words}", user, grants=[(role, kind, scope)]))
    return asking


def _nobodies(world: World) -> list[Asker]:
    """People who were somebody: each of them has a session that was good once."""
    locked = _signed_in("a manager who was locked", make_staff(scope_id=world.here.store_id))
    ended = _signed_in("a manager whose session ended", make_staff(scope_id=world.here.store_id))
    revoked = _signed_in("a manager whose role was taken", make_staff(scope_id=world.here.store_id))
    removed = _signed_in("a manager who was removed", make_staff(scope_id=world.here.store_id))
    assert locked.user
    assert revoked.user
    assert removed.user
    User.objects.filter(pk=locked.user.pk).update(is_active=False)
    ended.client.session.flush()
    RoleGrant.objects.filter(user=revoked.user).delete()
    removed.user.delete()
    locked.user = ended.user = removed.user = None
    return [locked, ended, revoked, removed]


def _devices(world: World) -> list[Asker]:
    robot, controller = world.here.robots[0], world.here.controller
    off = world.there.controller
    Device.objects.filter(id=off.view.id).update(active=False)
    wrong = {"Authorization": f"Device {robot.view.id}:wrong"}
    return [
        Asker("a robot", device="robot", headers=dict(robot.header)),
        Asker("a door controller", only_devices=True, device="door_controller", headers=dict(controller.header)),
        Asker("a device that was switched off", only_devices=True, headers=dict(off.header)),
        Asker("a device with a wrong key", only_devices=True, headers=wrong),
    ]
