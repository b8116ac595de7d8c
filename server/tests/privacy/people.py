"""People of privacy's stories: a customer with a saved card, an order that is paid, and the robots' part."""

from django.db import connection
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.tests.factories import PASSWORD, confirm_identity, make_user
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import Shop, make_line, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import Payer
from tests.stripe_side import confirm, deliver, run_jobs, sdk

ADA = "ada.canary@example.org"
DRINK = "Ada's birthday"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(email: str = ADA) -> tuple[User, Shopper]:
    """Make an account, sign in, and confirm who it is."""
    user = make_user(email=email, name="Ada Canary", password=PASSWORD)
    client = Client()
    client.force_login(user, backend=BACKEND)
    confirm_identity(client)
    return user, Shopper(client, email=None)


def order_and_pay(shopper: Shopper, shop: Shop | None = None, *, email: str = ADA) -> Shop:
    """Order a drink with a name of one's own, and pay; returns the shop."""
    shop = shop or make_shop()
    line = make_line(shop.menu, name=DRINK)
    shopper.place(shopper.quote(shop, [line])["id"], contact_email=email)
    assert shopper.last == 201
    intent_id: str = shopper.pay()["client_secret"].split("_secret_")[0]
    confirm(intent_id)
    deliver(shopper.client, intent_id)
    run_jobs()
    return shop


def save_card(shopper: Shopper) -> str:
    """Save a card as the provider's form does; returns the provider's id of the person."""
    secret = shopper.call("POST", "/me/payment-methods/setup", {})["client_secret"]
    sdk().v1.setup_intents.confirm(
        secret.split("_secret_")[0], {"payment_method": "pm_card_visa", "return_url": "http://127.0.0.1/done"}
    )
    return str(Payer.objects.get().customer_id)


def end_order(order_id: str, status: Status) -> None:
    """The robots' part: made, and fetched or not."""
    with connection.cursor() as cursor:
        for one in (Status.QUEUED, Status.PREPARING, Status.READY, status):
            cursor.execute(
                "UPDATE ordering_order SET status = %s, status_actor = 'robot', door_number = 1, code_nonce = 1"
                " WHERE id = %s AND status <> %s",
                [one.value, order_id, one.value],
            )
