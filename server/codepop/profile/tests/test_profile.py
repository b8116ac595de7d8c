"""Tastes, health notes and favourites over HTTP: a person's own, encrypted, and judged by the present menu."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.tests.factories import make_user
from codepop.catalog.tests.factories import SmallCatalogue, make_catalogue, make_ingredient
from codepop.inventory.tests.factories import set_stock
from codepop.ordering.lines import request_document
from codepop.ordering.tests.factories import Shop, make_line, make_shop
from codepop.privacy.purposes import PURPOSES, Purpose
from codepop.profile.models import Favourite, HealthNotes
from codepop.profile.services import MOST_FAVOURITES

pytestmark = pytest.mark.django_db(transaction=True)


class Person:
    """Somebody who is signed in and calls the API."""

    def __init__(self) -> None:
        self.user: User = make_user()
        self._client = Client()
        self._client.force_login(self.user)
        self.last = 0

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = "" if body is None else json.dumps(body, default=str)
        answer = self._client.generic(method, f"/api/v1/me{path}", data=data, content_type="application/json")
        self.last = answer.status_code
        return answer.json() if answer.content else None


@pytest.fixture
def menu() -> SmallCatalogue:
    return make_catalogue()


@pytest.fixture
def ada() -> Person:
    return Person()


def _consents(person: Person) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT given FROM privacy_consent WHERE user_id = %s AND purpose = 'allergies' ORDER BY at, id",
            [person.user.id],
        )
        return [bool(given) for (given,) in cursor.fetchall()]


def _drink(menu: SmallCatalogue, *, pumps: int = 2, name: str | None = None) -> dict[str, Any]:
    document = dict(request_document(make_line(menu, pumps=pumps, name=name)))
    del document["quantity"]
    return document


@pytest.mark.req("DOM-18")
def test_what_a_person_likes_is_kept_replaced_and_only_theirs(ada: Person, menu: SmallCatalogue) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("sweetness", "ice", "adventure"))
    nothing |= {"liked": [], "disliked": [], "tutorial_done": False}
    assert ada.call("GET", "/preferences") == nothing
    likes = {"liked": [str(menu.peach.id)], "disliked": [str(menu.cherry.id)], "sweetness": "less", "ice": "light"}
    kept = ada.call("PUT", "/preferences", {**likes, "adventure": "surprise"})
    assert kept == {**nothing, **likes, "adventure": "surprise"}
    assert ada.call("GET", "/preferences") == kept
    assert ada.call("PUT", "/preferences", {"ice": "none"}) == {**nothing, "ice": "none"}
    assert Person().call("GET", "/preferences") == nothing


@pytest.mark.req("DOM-18", "SEC-05")
def test_what_is_not_on_the_menu_is_no_preference(ada: Person, menu: SmallCatalogue) -> None:
    peach = str(menu.peach.id)
    for body, field in (
        ({"liked": [str(uuid4())]}, "liked.0"),
        ({"liked": [peach], "disliked": [peach]}, "disliked"),
        ({"ice": "lots"}, "ice"),
        ({"sweetness": "very"}, "sweetness"),
        ({"birthday": "1990-01-01"}, "birthday"),
        ({"liked": [peach] * 51}, "liked"),
    ):
        refused = ada.call("PUT", "/preferences", body)
        assert (ada.last, list(refused["error"]["fields"])) == (422, [field])
    assert ada.call("GET", "/preferences")["liked"] == []


@pytest.mark.req("DOM-21")
def test_the_tutorial_is_shown_until_it_was_seen_or_skipped(ada: Person, menu: SmallCatalogue) -> None:
    assert ada.call("GET", "/preferences")["tutorial_done"] is False
    ada.call("POST", "/tutorial")
    ada.call("POST", "/tutorial")
    assert ada.last == 204
    assert ada.call("PUT", "/preferences", {"ice": "none"})["tutorial_done"] is True


@pytest.mark.req("SEC-14", "C39")
def test_health_notes_need_a_yes_and_go_at_once(ada: Person) -> None:
    assert ada.call("GET", "/health") == {"kept": False, "allergies": [], "diets": []}
    notes = {"allergies": ["milk", "peanut"], "diets": ["vegan"]}
    for bad in ({**notes}, {**notes, "agreed": False}, {"agreed": True, "allergies": ["bees"]}):
        ada.call("PUT", "/health", bad)
        assert ada.last == 422
    assert not HealthNotes.objects.exists()
    assert ada.call("PUT", "/health", {**notes, "agreed": True}) == {"kept": True, **notes}
    assert _consents(ada) == [True]
    assert Person().call("GET", "/health")["kept"] is False
    ada.call("DELETE", "/health")
    assert ada.last == 204
    assert not HealthNotes.objects.exists()
    ada.call("DELETE", "/health")
    assert (ada.last, _consents(ada)) == (204, [True, False])


@pytest.mark.req("DB-16", "SEC-14", "C39")
def test_health_notes_go_with_the_consent_and_warn_only_under_its_present_version(
    ada: Person, menu: SmallCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    creamy = make_ingredient(kind="syrup", allergens=["milk"])
    drink = _drink(menu)
    drink["recipe"]["syrups"].append({"ingredient_id": str(creamy.id), "pumps": 1})
    ada.call("PUT", "/health", {"agreed": True, "allergies": ["milk"]})
    ada.call("POST", "/favourites", drink)

    def warned() -> list[str]:
        return list(ada.call("GET", "/favourites")["favourites"][0]["warnings"])

    [consent] = [one for one in ada.call("GET", "/privacy")["consents"] if one["purpose"] == "allergies"]
    assert (consent["given"], warned()) == (True, ["milk"])
    with monkeypatch.context() as patched:
        patched.setitem(PURPOSES, Purpose.ALLERGIES, replace(PURPOSES[Purpose.ALLERGIES], version=2))
        assert warned() == []
        assert ada.call("GET", "/health")["kept"] is True
    no = {"purpose": "allergies", "given": False, "version": 1}
    ada.call("PUT", "/privacy/consents", {"decisions": [no]})
    assert ada.last == 200
    assert ada.call("GET", "/health") == {"kept": False, "allergies": [], "diets": []}
    assert not HealthNotes.objects.exists()
    assert warned() == []


@pytest.mark.req("SEC-14", "DB-08")
def test_what_says_something_about_a_person_is_ciphertext(ada: Person, menu: SmallCatalogue) -> None:
    ada.call("PUT", "/health", {"agreed": True, "allergies": ["shellfish"], "diets": ["caffeine_free"]})
    ada.call("PUT", "/preferences", {"liked": [str(menu.peach.id)], "sweetness": "more"})
    ada.call("POST", "/favourites", _drink(menu, name="Canary's cup"))
    assert ada.last == 201
    words = {
        "profile_healthnotes": ("shellfish", "caffeine"),
        "profile_tastes": (str(menu.peach.id), "more"),
        "profile_favourite": ("Canary",),
    }
    with connection.cursor() as cursor:
        for table, planted in words.items():
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            text = cursor.fetchone()[0]
            assert text
            assert [word for word in planted if word in text] == []


@pytest.mark.req("DOM-18")
def test_a_favourite_is_kept_once_renamed_and_removed(ada: Person, menu: SmallCatalogue) -> None:
    first = ada.call("POST", "/favourites", _drink(menu))
    assert ada.last == 201
    again = ada.call("POST", "/favourites", _drink(menu, name="Friday"))
    assert (ada.last, again) == (200, first)
    other = ada.call("POST", "/favourites", _drink(menu, pumps=3))
    shown = ada.call("GET", "/favourites")["favourites"]
    assert [(one["id"], one["name"]) for one in shown] == [(other["id"], menu.drink.name), (first["id"], "Friday")]
    ada.call("PATCH", f"/favourites/{first['id']}", {"name": ""})
    assert ada.call("GET", "/favourites")["favourites"][1]["name"] == menu.drink.name
    ada.call("DELETE", f"/favourites/{first['id']}")
    ada.call("DELETE", f"/favourites/{first['id']}")
    assert ada.last == 204
    assert len(ada.call("GET", "/favourites")["favourites"]) == 1


@pytest.mark.req("DOM-18", "SEC-11")
def test_nobody_touches_somebody_elses_favourite(ada: Person, menu: SmallCatalogue) -> None:
    mine = ada.call("POST", "/favourites", _drink(menu))
    eve = Person()
    assert eve.call("GET", "/favourites") == {"favourites": []}
    eve.call("PATCH", f"/favourites/{mine['id']}", {"name": "Eve's"})
    assert eve.last == 404
    eve.call("DELETE", f"/favourites/{mine['id']}")
    assert Favourite.objects.get().name == ""
    for method, path in (("GET", "/favourites"), ("GET", "/preferences"), ("GET", "/health"), ("POST", "/tutorial")):
        assert Client().generic(method, f"/api/v1/me{path}").status_code == 401


@pytest.mark.req("DOM-18", "SEC-05")
def test_what_can_not_be_made_is_no_favourite(ada: Person, menu: SmallCatalogue) -> None:
    drink = _drink(menu)
    drink["recipe"]["sodas"] = []
    refused = ada.call("POST", "/favourites", drink)
    assert (ada.last, list(refused["error"]["fields"])) == (422, ["recipe.sodas"])
    Favourite.objects.bulk_create(
        Favourite(user=ada.user, size="s24", recipe={}, digest=bytes([number]) * 32)
        for number in range(MOST_FAVOURITES)
    )
    full = ada.call("POST", "/favourites", _drink(menu))
    assert (ada.last, full["error"]["code"]) == (409, "too_many_favourites")


@pytest.mark.req("DOM-18", "DOM-10")
def test_a_favourite_says_what_its_store_lacks_and_is_ready_for_a_quote(ada: Person) -> None:
    shop: Shop = make_shop()
    ada.call("POST", "/favourites", _drink(shop.menu))
    [here] = ada.call("GET", f"/favourites?store_id={shop.store.id}")["favourites"]
    assert here["unavailable"] is None
    quote = {"store_id": str(shop.store.id), "lines": [here["line"]]}
    assert Client().post("/api/v1/quotes", quote, content_type="application/json").status_code == 201
    set_stock(store=shop.store, ingredient=shop.menu.peach, on_hand=1)
    [short] = ada.call("GET", f"/favourites?store_id={shop.store.id}")["favourites"]
    assert shop.menu.peach.name.lower() in short["unavailable"].lower()
    [anywhere] = ada.call("GET", "/favourites")["favourites"]
    assert anywhere["unavailable"] is None
    ada.call("GET", f"/favourites?store_id={uuid4()}")
    assert ada.last == 404


@pytest.mark.req("DOM-18", "SEC-14")
def test_a_favourite_warns_of_what_its_person_must_avoid(ada: Person, menu: SmallCatalogue) -> None:
    nutty = make_ingredient(kind="syrup", allergens=["tree_nuts"], may_contain=["peanut"])
    drink = _drink(menu)
    drink["recipe"]["syrups"].append({"ingredient_id": str(nutty.id), "pumps": 1})
    ada.call("POST", "/favourites", drink)
    assert ada.last == 201
    assert ada.call("GET", "/favourites")["favourites"][0]["warnings"] == []
    ada.call("PUT", "/health", {"agreed": True, "allergies": ["peanut", "tree_nuts", "fish"]})
    assert ada.call("GET", "/favourites")["favourites"][0]["warnings"] == ["peanut", "tree_nuts"]


@pytest.mark.req("DOM-18")
def test_a_drink_that_left_the_menu_stays_and_says_so(ada: Person, menu: SmallCatalogue) -> None:
    ada.call("POST", "/favourites", _drink(menu))
    row = Favourite.objects.get()
    row.recipe["syrups"][0]["ingredient_id"] = str(uuid4())
    row.save()
    [gone] = ada.call("GET", "/favourites")["favourites"]
    assert "not on the menu any more" in gone["unavailable"]
