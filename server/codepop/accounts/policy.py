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
    `confirmed`: whoever may must have shown within five minutes that it is still them.
    """

    public: bool = False
    signed_in: bool = False
    guest_token: bool = False
    owner: bool = False
    device: bool = False
    confirmed: bool = False
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
    "change_me": Rule(signed_in=True),
    "end_other_sessions": Rule(signed_in=True),
    "end_session": Rule(signed_in=True),
    "get_me": Rule(signed_in=True),
    "get_config": PUBLIC,
    "list_sessions": Rule(signed_in=True),
    "resend_verification": PUBLIC,
    # privacy: always the signed-in person's own
    "ask_erasure": Rule(signed_in=True, confirmed=True),
    "ask_export": Rule(signed_in=True),
    "get_export_file": Rule(signed_in=True, confirmed=True),
    "get_my_privacy": Rule(signed_in=True),
    "get_privacy_notice": PUBLIC,
    "set_consents": Rule(signed_in=True),
    "withdraw_erasure": Rule(signed_in=True),
    # notifications
    "get_mail_settings": Rule(signed_in=True),
    "list_notices": OWN_ORDER,
    "see_notice": OWN_ORDER,
    "set_mail_settings": Rule(signed_in=True),
    # profile: always the signed-in person's own
    "finish_tutorial": Rule(signed_in=True),
    "forget_health_notes": Rule(signed_in=True),
    "get_health_notes": Rule(signed_in=True),
    "get_preferences": Rule(signed_in=True),
    "keep_favourite": Rule(signed_in=True),
    "list_favourites": Rule(signed_in=True),
    "remove_favourite": Rule(signed_in=True),
    "rename_favourite": Rule(signed_in=True),
    "set_health_notes": Rule(signed_in=True),
    "set_preferences": Rule(signed_in=True),
    # stores, catalog
    "get_menu": PUBLIC,
    "get_store": PUBLIC,
    "list_stores": PUBLIC,
    # ordering
    "cancel_order": OWN_ORDER,
    "choose_pickup": OWN_ORDER,
    "claim_orders": Rule(signed_in=True),  # the secrets in the body decide about each order
    "create_quote": PUBLIC,
    "get_order": OWN_ORDER_OR_STAFF,
    "list_orders": Rule(signed_in=True),
    "place_order": PUBLIC,
    "reorder": OWN_ORDER,
    # payments of an order
    "create_payment": OWN_ORDER,
    "refresh_payment": OWN_ORDER,
    "use_my_cards": Rule(owner=True),
    "wait_for_payment": OWN_ORDER,
    # saved cards: always the signed-in person's own
    "list_payment_methods": Rule(signed_in=True),
    "open_payment_sheet": Rule(signed_in=True),
    "remove_payment_method": Rule(signed_in=True),
    "save_payment_method": Rule(signed_in=True),
    "set_default_payment_method": Rule(signed_in=True),
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
    "get_metrics": Rule(),  # no account: a token, or this machine itself (ops/metrics.py)
    # staff screens
    "staff:access": Rule(roles=staff(Role.ADMIN)),
    "staff:access_file": Rule(roles=staff(Role.ADMIN)),
    "staff:answer": Rule(roles=STORE_STAFF),
    "staff:attention": Rule(roles=STORE_STAFF),
    "staff:audit": Rule(roles=STORE_STAFF),
    "staff:audit_file": Rule(roles=STORE_STAFF),
    "staff:batch": Rule(roles=STORE_STAFF),
    "staff:batch_start": Rule(roles=STORE_STAFF),
    "staff:batch_stop": Rule(roles=STORE_STAFF),
    "staff:batches": Rule(roles=STORE_STAFF),
    "staff:charge": Rule(roles=STORE_STAFF),
    "staff:decide": Rule(roles=staff(Role.ADMIN)),
    "staff:difference": Rule(roles=staff(Role.ADMIN)),
    "staff:dispute": Rule(roles=STORE_STAFF),
    "staff:disputes": Rule(roles=STORE_STAFF),
    "staff:find_person": Rule(roles=staff(Role.ADMIN)),
    "staff:home": Rule(roles=frozenset(Role)),
    "staff:machines": Rule(roles=STORE_STAFF | {Role.REPAIR}),
    "staff:message": Rule(roles=staff(Role.ADMIN)),
    "staff:missing": Rule(roles=frozenset(Role)),
    "staff:money": Rule(roles=STORE_STAFF),
    "staff:order": Rule(roles=STORE_STAFF),
    "staff:orders": Rule(roles=STORE_STAFF),
    "staff:panels": Rule(roles=STORE_STAFF),
    "staff:payment": Rule(roles=STORE_STAFF),
    "staff:payment_state": Rule(roles=STORE_STAFF),
    "staff:payments": Rule(roles=STORE_STAFF),
    "staff:people": Rule(roles=staff(Role.ADMIN)),
    "staff:person": Rule(roles=staff(Role.ADMIN)),
    "staff:person_change": Rule(roles=staff(Role.ADMIN)),
    "staff:pause": Rule(roles=STORE_STAFF),
    "staff:refund": Rule(roles=STORE_STAFF),
    "staff:remake": Rule(roles=STORE_STAFF),
    "staff:revenue": Rule(roles=STORE_STAFF),
    "staff:revenue_file": Rule(roles=STORE_STAFF),
    "staff:resume": Rule(roles=STORE_STAFF),
    "staff:seen": Rule(roles=STORE_STAFF),
    "staff:enrol": PUBLIC,  # a step of signing in
    "staff:second_factor": PUBLIC,
    "staff:sign_in": PUBLIC,
    "staff:sign_out": PUBLIC,
    "staff:stock": Rule(roles=STORE_STAFF | {Role.LOGISTICS}),
    "staff:store": Rule(roles=STORE_STAFF),
    "staff:view": Rule(roles=staff(Role.ADMIN)),
    "staff:view_end": PUBLIC,
    # providers' messages, authenticated by their signature
    "webhook_mail": PUBLIC,
    "webhook_stripe": PUBLIC,
}
