"""What is found, exported and erased as a person's is theirs for certain, and nobody else's."""

from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.models import AuditEntry
from codepop.core.personal import mentions
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_order
from codepop.privacy import services
from codepop.privacy.services import known
from codepop.privacy.services.exports import gather

pytestmark = pytest.mark.django_db(transaction=True)
VICTIM = "victim.canary@example.org"


def _order_with(address: str, customer_id: UUID | None = None) -> Order:
    order: Order = make_order().order
    order.contact_email, order.customer_id = address, customer_id
    order.save(update_fields=["contact_email", "customer"])
    return order


def _token(email: str) -> str:
    cache.clear()
    body = {"email": email, "password": PASSWORD}
    answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    return str(answer.json()["meta"]["session_token"])


def _is_signed_in(token: str) -> bool:
    return Client().get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 200


@pytest.mark.req("SEC-11", "D16", "DB-15")
def test_an_address_that_an_account_only_asks_for_opens_nothing_of_its_owner() -> None:
    order = _order_with(VICTIM)
    eve = make_user(email="eve@example.org")
    EmailAddress.objects.create(user=eve, email=VICTIM, verified=False)
    person = known(user_id=eve.id)
    assert (person.emails, person.order_ids) == ({"eve@example.org"}, frozenset())
    rows = {section["title"]: section["rows"] for section in gather(eve.id)["sections"]}
    assert rows["Orders"] == []
    assert {row["email"] for row in rows["E-mail addresses"]} == {"eve@example.org", VICTIM}
    services.advance(erasure_id=services.order_erasure(email="eve@example.org"))
    order.refresh_from_db()
    assert order.contact_email == VICTIM
    EmailAddress.objects.create(user=make_user(email="second@example.org"), email=VICTIM, verified=False)
    guest = known(email=VICTIM)
    assert (guest.user_id, guest.order_ids) == (None, {order.id})


@pytest.mark.req("SEC-11", "D16")
def test_the_order_of_another_account_is_theirs_whatever_address_stands_in_it() -> None:
    bob, ada = make_user(email="bob@example.org"), make_user(email=VICTIM)
    order = _order_with(VICTIM, bob.id)
    assert known(user_id=ada.id).order_ids == frozenset()
    assert known(user_id=bob.id).order_ids == {order.id}


@pytest.mark.req("D16", "SEC-08")
def test_nobody_is_signed_out_because_their_address_ends_like_that_of_somebody_erased() -> None:
    make_user(email="maria@example.org", password=PASSWORD)
    make_user(email="a@example.org", password=PASSWORD)
    marias, gone = _token("maria@example.org"), _token("a@example.org")
    services.advance(erasure_id=services.order_erasure(email="a@example.org"))
    assert (_is_signed_in(marias), _is_signed_in(gone)) == (True, False)


@pytest.mark.req("D16")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@example.org", True),
        ("{'email': 'A@example.org'}", True),
        ("sent to a@example.org.", True),
        ("maria@example.org", False),
        ("x.a@example.org", False),
        ("a@example.org.uk", False),
        ("a@example.organic", False),
    ],
)
def test_an_address_is_found_as_a_whole(text: str, *, found: bool) -> None:
    assert mentions(text, {"a@example.org"}) is found


@pytest.mark.req("DB-12", "D16")
def test_an_operator_who_ends_somebodys_week_leaves_a_row_in_the_trail() -> None:
    ada = make_user(email=VICTIM)
    services.ask_erasure(user_id=ada.id)
    erasure_id = services.order_erasure(email=VICTIM)
    services.order_erasure(email=VICTIM)
    rows = AuditEntry.objects.filter(action="privacy.erasure_ordered").values_list("actor", "subject")
    assert list(rows) == [("operator", str(erasure_id))]
