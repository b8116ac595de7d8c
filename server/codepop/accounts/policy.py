"""The one table that decides every operation. An operation without a row fails the build and is refused.

A row says which principals may call the operation at all, and which relation to the object lets them act
on it. Operations are Ninja's operation_ids, staff screens' URL names (`staff:...`), live streams
(`live:...`) and device calls (`device:...`).
"""

from dataclasses import dataclass, field

from codepop.accounts.roles import Role


@dataclass(frozen=True)
class Rule:
    """Who may do it.

    `public`: anybody, also without an account. `guest_token`: whoever holds the order's secret. `owner`: the
    signed-in person the object belongs to. `roles`: staff, on objects within their grant's scope.
    `signed_in`: any account (the object, if any, is their own by construction). `device`: store hardware.
    """

    public: bool = False
    signed_in: bool = False
    guest_token: bool = False
    owner: bool = False
    device: bool = False
    roles: frozenset[Role] = field(default_factory=frozenset)


def staff(*roles: Role) -> frozenset[Role]:
    """Return the roles plus super admin, who may do what any staff may."""
    return frozenset({*roles, Role.SUPER_ADMIN})


PUBLIC = Rule(public=True)
DEVICE = Rule(device=True)
OWN_ORDER = Rule(guest_token=True, owner=True)
STORE_STAFF = staff(Role.MANAGER, Role.ADMIN)
OWN_ORDER_OR_STAFF = Rule(guest_token=True, owner=True, roles=STORE_STAFF)

POLICY: dict[str, Rule] = {
    # accounts
    "get_me": Rule(signed_in=True),
    "get_config": PUBLIC,
    # stores, catalog
    "get_menu": PUBLIC,
    "get_store": PUBLIC,
    "list_stores": PUBLIC,
    # ordering
    "cancel_order": OWN_ORDER,
    "choose_pickup": OWN_ORDER,
    "create_quote": PUBLIC,
    "get_order": OWN_ORDER_OR_STAFF,
    "list_orders": Rule(signed_in=True),
    "place_order": PUBLIC,
    "reorder": OWN_ORDER,
    # payments of an order
    "create_payment": OWN_ORDER,
    "refresh_payment": OWN_ORDER,
    # fulfilment
    "open_door": OWN_ORDER,
    "device:claim": DEVICE,
    "device:commands": DEVICE,
    "device:events": DEVICE,
    "device:open": DEVICE,
    "device:store": DEVICE,
    # live
    "live:devices": DEVICE,
    "live:order": OWN_ORDER_OR_STAFF,
    "live:store": Rule(roles=STORE_STAFF),
    # operations
    "get_health": PUBLIC,
    # staff screens
    "staff:home": Rule(roles=frozenset(Role)),
    "staff:machines": Rule(roles=STORE_STAFF | {Role.REPAIR}),
    "staff:missing": Rule(roles=frozenset(Role)),
    "staff:money": Rule(roles=STORE_STAFF),
    "staff:order": Rule(roles=STORE_STAFF),
    "staff:orders": Rule(roles=STORE_STAFF),
    "staff:panels": Rule(roles=STORE_STAFF),
    "staff:pause": Rule(roles=STORE_STAFF),
    "staff:resume": Rule(roles=STORE_STAFF),
    "staff:second_factor": PUBLIC,
    "staff:sign_in": PUBLIC,
    "staff:sign_out": PUBLIC,
    "staff:stock": Rule(roles=STORE_STAFF | {Role.LOGISTICS}),
    "staff:store": Rule(roles=STORE_STAFF),
    # providers' messages, authenticated by their signature
    "webhook_stripe": PUBLIC,
}
