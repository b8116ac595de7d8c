"""What the money pages share: pages about several stores, and who acts with which role."""

from uuid import UUID

from django.http import HttpRequest

from codepop.accounts.access import Principal, covers, note_denial, require
from codepop.accounts.policy import POLICY
from codepop.aftersales.limits import RANKED, Staff, limit_of
from codepop.aftersales.selectors import AmendsView
from codepop.core.errors import NotFound
from codepop.stores import selectors as stores
from codepop.stores.errors import StoreUnknown
from codepop.stores.selectors import StoreView


def stores_for(who: Principal, operation: str) -> list[StoreView]:
    """Return the stores on which a person's grants allow an operation, by name."""
    rule = POLICY[operation]
    found = [
        store
        for store in stores.list_stores()
        if any(covers(grant, rule, store_id=store.id, region_id=store.region_id) for grant in who.grants)
    ]
    return sorted(found, key=lambda store: store.name)


def chosen_stores(who: Principal, operation: str, slug: str) -> list[StoreView]:
    """Return the stores in charge, or the one of them that was chosen; any other looks absent."""
    mine = stores_for(who, operation)
    if not slug:
        return mine
    found = [store for store in mine if store.slug == slug]
    if not found:
        note_denial(who, operation, "store")
        raise NotFound
    return found


def require_store(request: HttpRequest, operation: str, store_id: UUID | None) -> StoreView:
    """Return the store of an object, or refuse as if the object didn't exist."""
    try:
        store = stores.get_store(store_id) if store_id else None
    except StoreUnknown:
        store = None
    if store is None:
        raise NotFound
    require(request, operation, store_id=store.id, region_id=store.region_id)
    return store


def acting(who: Principal, operation: str, store: StoreView) -> Staff:
    """Return the person in their highest role that allows the operation on this store."""
    rule = POLICY[operation]
    held = {grant.role for grant in who.grants if covers(grant, rule, store_id=store.id, region_id=store.region_id)}
    role = next((role for role in RANKED if role in held), None)
    if role is None or who.user_id is None:
        raise NotFound
    return Staff(who.user_id, role)


def answers(who: Principal, one: AmendsView, store: StoreView, *, given_cents: int) -> tuple[str, ...]:
    """Return what a person may say to something that waits: `yes` needs a limit that reaches it after `given_cents`.

    Nobody decides what they asked for themselves.
    """
    try:
        by = acting(who, "staff:decide", store)
    except NotFound:
        return ()
    if one.state != "waiting" or one.asked_by == by.user_id:
        return ()
    allowed = limit_of(by.role).allows(amount_cents=one.amount_cents, given_cents=given_cents)
    return ("yes", "no") if allowed else ("no",)
