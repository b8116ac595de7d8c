"""People and their roles: who works where, invited, locked, removed; and who can do what, as a page and a file."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse

from codepop.accounts import directory, services
from codepop.accounts.access import Principal, covers, require
from codepop.accounts.directory import HeldRole, Person
from codepop.accounts.policy import POLICY
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant
from codepop.accounts.services import Manager
from codepop.core.errors import AppError, InvalidInput, NotFound
from codepop.reporting.revenue import as_csv
from codepop.reporting.staff.desk import require_store, stores_for
from codepop.reporting.staff.differences import whole_chain
from codepop.reporting.staff.screen import frame, page
from codepop.reporting.staff.sign_in import WrongMethod
from codepop.stores import selectors as stores
from codepop.stores.selectors import StoreView

Command = Callable[..., object]

ACTS: Final[Mapping[str, tuple[str, Command]]] = {
    "lock": ("Lock", services.lock_account),
    "unlock": ("Unlock", services.unlock_account),
    "disable": ("Disable", services.disable_account),
    "remove": ("Remove", services.remove_person),
}


class Places:
    """The names of stores and regions, read once for a page."""

    def __init__(self) -> None:
        self.stores = {store.id: store for store in stores.list_stores()}
        self.regions = {region.id: region.name for region in stores.regions()}

    def name(self, grant: Grant) -> str:
        """Return where a role is held, in words."""
        if grant.scope_id is None:
            return "the whole chain"
        store = self.stores.get(grant.scope_id)
        return store.name if store else f"region {self.regions.get(grant.scope_id, 'that is gone')}"

    def ids(self, grant: Grant) -> tuple[UUID | None, UUID | None]:
        """Return the store and the region of a role's place, for the policy table."""
        if grant.scope_kind == ScopeKind.STORE:
            store = self.stores.get(grant.scope_id) if grant.scope_id else None
            return grant.scope_id, store.region_id if store else None
        return None, grant.scope_id

    def manager(self, who: Principal) -> Manager:
        """Return who acts, with what they may decide by."""
        if who.user_id is None:
            raise NotFound
        return Manager(who.user_id, who.grants, {one.id: one.region_id for one in self.stores.values()})


@page("staff:people")
def people(request: HttpRequest, who: Principal) -> HttpResponse:
    """List the people of the stores in charge, and invite one."""
    if request.method != "POST":
        return _list(request, who)
    places = Places()
    try:
        grant = grant_in(request.POST)
        _require_place(request, "staff:people", grant)
        user_id = services.invite(
            by=places.manager(who),
            email=_email(request.POST.get("email", "")),
            name=request.POST.get("name", ""),
            grant=grant,
            reason=request.POST.get("reason", ""),
        )
    except NotFound:
        raise
    except AppError as error:
        return _list(request, who, problem=_text(error), status=error.http_status)
    return HttpResponseRedirect(reverse("staff:person", kwargs={"person_id": user_id}))


def _list(request: HttpRequest, who: Principal, *, problem: str = "", status: int = 200) -> HttpResponse:
    places = Places()
    mine = stores_for(who, "staff:people")
    context = {
        "rows": [_row(one, places) for one in _people_of(who, "staff:people", mine)],
        "choices": _choices(who, places, mine),
        "roles": _roles(who),
        "views": [role for role in _roles(who) if role != Role.SUPER_ADMIN],
        "asked": request.POST,
        "problem": problem,
        "finds": whole_chain(who, "staff:people"),
    }
    around = frame(who, store=None, operation="staff:people")
    return render(request, "staff/people.html", around | context, status=status)


def _people_of(who: Principal, operation: str, mine: list[StoreView]) -> list[Person]:
    whole = whole_chain(who, operation)
    found = directory.people_within(store_ids=[store.id for store in mine], region_ids=[], whole=whole)
    return found


def _row(one: Person, places: Places) -> dict[str, Any]:
    return {
        "one": one,
        "name": one.name or "no name given",
        "roles": [
            {"id": held.id, "role": held.grant.role.label, "place": places.name(held.grant)} for held in one.roles
        ],
        "seen": _time(one.last_sign_in) or "never",
        "since": _time(one.created_at),
    }


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _choices(who: Principal, places: Places, mine: list[StoreView]) -> list[tuple[str, str]]:
    found = [(f"store:{store.id}", store.name) for store in mine]
    if whole_chain(who, "staff:people"):
        found += [
            (f"region:{key}", f"Region {name}") for key, name in sorted(places.regions.items(), key=lambda o: o[1])
        ]
        found.append(("chain:", "The whole chain"))
    return found


def _roles(who: Principal) -> list[Role]:
    return list(Role) if whole_chain(who, "staff:people") else [Role.MANAGER]


def grant_in(form: QueryDict) -> Grant:
    """Return the role and place that a form names; raises InvalidInput."""
    kind, _, scope = form.get("place", "").partition(":")
    try:
        return Grant(Role(form.get("role", "")), ScopeKind(kind), UUID(scope) if scope else None)
    except ValueError:
        raise InvalidInput("Choose a role and a place from the lists.") from None


def _require_place(request: HttpRequest, operation: str, grant: Grant) -> None:
    """Refuse a place outside the caller's as if there were none."""
    if grant.scope_kind == ScopeKind.STORE:
        require_store(request, operation, grant.scope_id)
    else:
        require(request, operation, region_id=grant.scope_id)


def _email(text: str) -> str:
    local, at, domain = text.strip().partition("@")
    if not (local and at and "." in domain) or len(text) > services.EMAIL_LIMIT or not text.isprintable():
        raise InvalidInput("This is no e-mail address.")
    return text.strip()


def _text(error: AppError) -> str:
    return " ".join(dict.fromkeys([error.message, *error.fields.values()]))


@page("staff:find_person")
def find(request: HttpRequest, who: Principal) -> HttpResponse:
    """Open the account that has exactly this address; for whoever answers for the whole chain."""
    if request.method != "POST":
        raise WrongMethod
    require(request, "staff:find_person")
    found = directory.find_person_by_email(request.POST.get("email", ""))
    if found is None:
        return _list(request, who, problem="There is no account with this address.", status=404)
    return HttpResponseRedirect(reverse("staff:person", kwargs={"person_id": found.id}))


@page("staff:person")
def person(request: HttpRequest, who: Principal, person_id: UUID) -> HttpResponse:
    """Show a person's roles and state, and what one may do about them."""
    return _person(request, who, _found(request, who, "staff:person", person_id))


def _found(request: HttpRequest, who: Principal, operation: str, person_id: UUID) -> Person:
    """Return the person, or refuse as if there were none: they must hold a role in a place of the caller's."""
    found = directory.find_person(person_id)
    if found is None:
        raise NotFound
    places, rule = Places(), POLICY[operation]
    for held in found.roles:
        store_id, region_id = places.ids(held.grant)
        if any(covers(grant, rule, store_id=store_id, region_id=region_id) for grant in who.grants):
            return found
    require(request, operation)
    return found


def _person(
    request: HttpRequest, who: Principal, found: Person, *, problem: str = "", status: int = 200
) -> HttpResponse:
    places = Places()
    manager = places.manager(who)
    row = _row(found, places)
    for shown, held in zip(row["roles"], found.roles, strict=True):
        shown["takes"] = found.id != manager.user_id and manager.manages(held.grant)
    acts = ["unlock"] if not found.active else ["lock", "disable"]
    context = row | {
        "acts": [(key, ACTS[key][0]) for key in [*acts, "remove"]],
        "manages": manager.manages_person(found.id, [held.grant for held in found.roles]),
        "own": found.id == manager.user_id,
        "choices": _choices(who, places, stores_for(who, "staff:person_change")),
        "grantable": _roles(who),
        "problem": problem,
    }
    around = frame(who, store=None, operation="staff:person")
    return render(request, "staff/person.html", around | context, status=status)


@page("staff:person_change")
def change(request: HttpRequest, who: Principal, person_id: UUID) -> HttpResponse:
    """Lock, unlock, disable or remove a person, give a role or take one."""
    if request.method != "POST":
        raise WrongMethod
    found = _found(request, who, "staff:person_change", person_id)
    try:
        _change(request.POST, Places().manager(who), found)
    except AppError as error:
        return _person(request, who, found, problem=_text(error), status=error.http_status)
    still = directory.find_person(person_id)
    seen = still is not None and (still.roles or whole_chain(who, "staff:person"))
    address = reverse("staff:person", kwargs={"person_id": person_id}) if seen else reverse("staff:people")
    return HttpResponseRedirect(address)


def _change(form: QueryDict, by: Manager, found: Person) -> None:
    act, reason = form.get("act", ""), form.get("reason", "")
    if act in ACTS:
        ACTS[act][1](by=by, user_id=found.id, reason=reason)
    elif act == "give":
        services.give_role(by=by, user_id=found.id, grant=grant_in(form), reason=reason)
    elif act == "take":
        services.take_role(by=by, user_id=found.id, grant_id=_held(form, found).id, reason=reason)
    else:
        raise InvalidInput("Choose what is to be done.")


def _held(form: QueryDict, found: Person) -> HeldRole:
    wanted = form.get("grant", "")
    for held in found.roles:
        if str(held.id) == wanted:
            return held
    raise NotFound


# --- the access report ------------------------------------------------------------------------------------------------


@page("staff:access")
def report(request: HttpRequest, who: Principal) -> HttpResponse:
    """Show who can do what where, when they last signed in, and who has no second factor."""
    places = Places()
    found = _people_of(who, "staff:access", stores_for(who, "staff:access"))
    table = [
        (name.partition(":")[2] or name, [role in rule.roles for role in Role])
        for name, rule in sorted(POLICY.items())
        if rule.roles
    ]
    context = {
        "rows": [_row(one, places) for one in found],
        "without": [_row(one, places) for one in found if one.active and not one.second_factor],
        "roles": list(Role),
        "table": table,
    }
    return render(request, "staff/access.html", frame(who, store=None, operation="staff:access") | context)


@page("staff:access_file")
def report_file(request: HttpRequest, who: Principal) -> HttpResponse:
    """Return the report as CSV, a line for each role that somebody holds."""
    found = _people_of(who, "staff:access_file", stores_for(who, "staff:access_file"))
    answer = HttpResponse(as_csv(REPORT_HEADER, report_rows(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="access.csv"'
    return answer


REPORT_HEADER: Final = (
    "person", "name", "address", "role", "where", "since", "state", "last sign-in", "second factor", "may do",
)  # fmt: skip


def report_rows(found: list[Person]) -> list[tuple[str, ...]]:
    """Return the report's lines."""
    places = Places()
    lines: list[tuple[str, ...]] = []
    for one in found:
        for held in one.roles:
            may = sorted(name for name, rule in POLICY.items() if held.grant.role in rule.roles)
            lines.append(
                (
                    str(one.id),
                    one.name,
                    one.email_hint,
                    held.grant.role.value,
                    places.name(held.grant),
                    _time(held.since),
                    "active" if one.active else "locked",
                    _time(one.last_sign_in),
                    "yes" if one.second_factor else "no",
                    " ".join(may),
                )
            )
    return lines
