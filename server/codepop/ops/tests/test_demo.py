"""The demo chain: what the files promise, and that loading them is quick, whole and repeatable."""

import json
import shutil
import stat
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from codepop.accounts.roles import Role
from codepop.accounts.selectors import grants_of, user_by_email
from codepop.catalog.selectors import catalogue
from codepop.inventory.selectors import discrepancies, free_amounts
from codepop.ops.demo import DEMO_FOLDER, DemoChain, read_demo
from codepop.stores.errors import DeviceRefused
from codepop.stores.geo import METRES_PER_MILE, distance_m
from codepop.stores.models import Store
from codepop.stores.selectors import (
    authenticate_device,
    doors,
    get_store_by_slug,
    hubs_for,
    list_stores,
    pickup_key,
    regions,
    robots,
)

LOGAN = (41.7355, -111.8344)


@pytest.fixture
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """Keep the devices' keys of a test in a folder of its own."""
    settings.CODEPOP = settings.CODEPOP.__class__(**{**vars(settings.CODEPOP), "data": tmp_path})
    return tmp_path


@pytest.fixture(scope="module")
def chain() -> DemoChain:
    return read_demo()


def devices_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "devices.json").read_text())
    return found


@pytest.mark.req("DOM-33", "C44", "C42")
def test_seven_regions_each_with_its_hub(chain: DemoChain) -> None:
    cities = {region.code: region.hub.city for region in chain.regions}
    assert cities == {
        "chicago": "Chicago",
        "newark": "Newark",
        "logan": "Logan",
        "dallas": "Dallas",
        "atlanta": "Atlanta",
        "phoenix": "Phoenix",
        "boise": "Boise",
    }
    hub = next(region.hub for region in chain.regions if region.code == "newark")
    assert distance_m(hub.lat, hub.lon, 40.7357, -74.1724) < 10_000


@pytest.mark.req("DOM-34")
def test_twenty_stores_around_logan_and_five_in_each_region_that_touches_it(chain: DemoChain) -> None:
    miles = {store.slug: distance_m(*LOGAN, store.lat, store.lon) / METRES_PER_MILE for store in chain.stores}
    assert Counter(store.region for store in chain.stores)["logan"] == 20
    assert all(miles[store.slug] < 80 for store in chain.stores if store.region == "logan")
    for region in chain.touches["logan"]:
        near = [store.slug for store in chain.stores if store.region == region and miles[store.slug] <= 200]
        assert len(near) >= 5, region
    for region, others in chain.touches.items():
        assert all(region in chain.touches[other] for other in others), f"{region} touches one way only"


def test_every_hub_city_has_a_store(chain: DemoChain) -> None:
    for region in chain.regions:
        hub = region.hub
        assert any(
            store.region == region.code and distance_m(hub.lat, hub.lon, store.lat, store.lon) < 25_000
            for store in chain.stores
        ), region.code


@pytest.mark.req("DOM-15")
def test_nineteen_sodas_forty_eight_syrups_twelve_add_ins(chain: DemoChain) -> None:
    ingredients = chain.catalogue.ingredients
    assert Counter(one.kind for one in ingredients) == {
        "soda": 19,
        "syrup": 48,
        "juice": 6,
        "cream": 5,
        "add_in": 12,
        "ice_cream": 5,
        "ice": 1,
        "physical": 8,
    }
    diet = {one.slug for one in ingredients if one.kind == "soda" and one.diet}
    assert {"diet-cola", "zero-cola", "sparkling-water"} <= diet
    assert len(diet) == 7
    assert all(one.sugar_g_per_100 == 0 for one in ingredients if one.diet)
    assert all(one.flavour_family for one in ingredients if one.kind == "syrup")
    families = {one.flavour_family for one in ingredients}
    hints = {hint for one in ingredients if one.kind == "add_in" for hint in one.pairs_with}
    assert hints
    assert hints <= families
    assert all(one.pairs_with for one in ingredients if one.kind == "add_in")


def test_names_and_slugs_are_unique(chain: DemoChain) -> None:
    for names in (
        [one.slug for one in chain.catalogue.ingredients],
        [one.name for one in chain.catalogue.drinks],
        [one.slug for one in chain.catalogue.drinks],
        [one.slug for one in chain.stores],
        [one.name for one in chain.stores],
        [one.email for one in chain.people.people],
    ):
        assert len(names) == len(set(names))


@pytest.mark.django_db
@pytest.mark.req("DOM-52", "DOM-33", "DOM-34")
def test_one_command_loads_everything_quickly(data_folder: Path, chain: DemoChain) -> None:
    begun = time.process_time()
    call_command("load_demo", verbosity=0)
    assert time.process_time() - begun < 4
    assert len(list_stores()) == 47
    assert {region.code: region.stores for region in regions()}["logan"] == 20
    main = get_store_by_slug("logan-main-street")
    assert list_stores()[0].id == main.id
    assert (main.name, main.tax_rate_bps, main.currency) == ("Logan, Main Street", 700, "usd")
    assert len(robots(main.id)) == 3
    assert len(doors(main.id)) == 12
    assert len(pickup_key(main.id)) == 32
    assert len(catalogue().drinks) == 26
    assert len(free_amounts(main.id)) == len(chain.catalogue.ingredients)
    assert discrepancies() == []


@pytest.mark.django_db
@pytest.mark.req("DOM-52")
def test_loading_again_changes_nothing(data_folder: Path) -> None:
    call_command("load_demo", verbosity=0)
    before, devices = _counts(), devices_of(data_folder)
    Store.objects.filter(slug="logan-campus").update(accepting_orders=False, pause_reason="Closed for cleaning.")
    call_command("load_demo", verbosity=0)
    assert _counts() == before
    assert devices_of(data_folder) == devices
    assert get_store_by_slug("logan-campus").accepting_orders is False
    assert discrepancies() == []


@pytest.mark.django_db
@pytest.mark.req("DOM-52")
def test_staff_of_every_role_and_customers(data_folder: Path, chain: DemoChain) -> None:
    call_command("load_demo", verbosity=0)
    roles = set()
    for email in ("manager", "admin", "logistics", "repair", "super", "customer"):
        user = user_by_email(f"{email}@codepop.example")
        assert user is not None
        roles |= {grant.role for grant in grants_of(user.id)}
    assert roles == set(Role)
    customer, manager = user_by_email("customer@codepop.example"), user_by_email("manager@codepop.example")
    assert customer is not None
    assert manager is not None
    assert manager.check_password("codepop-demo")
    assert list(grants_of(customer.id)) == []
    assert len(grants_of(manager.id)) == 3
    managed = {scope for person in chain.people.people if person.role == "manager" for scope in person.scopes}
    assert managed == {f"store:{store.slug}" for store in chain.stores}


@pytest.mark.django_db
def test_devices_have_keys_that_only_their_owner_can_read(data_folder: Path) -> None:
    call_command("load_demo", verbosity=0)
    path = data_folder / "devices.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    main = devices_of(data_folder)["stores"][0]
    assert (main["slug"], main["doors"]) == ("logan-main-street", 12)
    assert [one["kind"] for one in main["devices"]] == ["robot", "robot", "robot", "door_controller"]
    robot = main["devices"][0]
    assert authenticate_device(robot["id"], robot["key"]).store_id == get_store_by_slug("logan-main-street").id
    path.unlink()
    call_command("load_demo", verbosity=0)
    fresh = devices_of(data_folder)["stores"][0]["devices"][0]
    assert fresh["id"] == robot["id"]
    with pytest.raises(DeviceRefused):
        authenticate_device(robot["id"], robot["key"])
    assert authenticate_device(fresh["id"], fresh["key"]).name == "Robot 1"


@pytest.mark.django_db
@pytest.mark.req("DOM-49")
def test_a_new_store_and_region_are_only_data(data_folder: Path, tmp_path: Path) -> None:
    call_command("load_demo", verbosity=0)
    folder = tmp_path / "more"
    shutil.copytree(DEMO_FOLDER, folder)
    with (folder / "stores.csv").open("a", encoding="utf-8") as file:
        file.write("reno,Reno,reno,1 Main Street,Reno,NV,89501,39.5272,-119.8131,America/Los_Angeles,827,town,4,16\n")
    with (folder / "regions.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[regions]]\ncode = "reno"\nname = "Reno"\ntouches = []\nhub = { slug = "hub-reno", name = "Reno hub", '
            'address = "1 Main", city = "Reno", state = "NV", postal_code = "89501", lat = 39.52, lon = -119.80, '
            'timezone = "America/Los_Angeles" }\n'
        )
    call_command("load_demo", data=folder, verbosity=0)
    reno = get_store_by_slug("reno")
    assert len(robots(reno.id)) == 4
    assert len(doors(reno.id)) == 16
    assert set(free_amounts(reno.id)) == set(free_amounts(get_store_by_slug("hyrum").id))
    assert user_by_email("manager.reno@codepop.example") is not None


@pytest.mark.django_db
@pytest.mark.req("DOM-35")
def test_a_hub_serves_its_own_region_and_others_within_a_thousand_miles(data_folder: Path) -> None:
    call_command("load_demo", verbosity=0)
    found = hubs_for(get_store_by_slug("logan-main-street"))
    assert [hub.slug for hub, _ in found] == ["hub-logan", "hub-boise", "hub-phoenix"]
    assert all(miles <= 1000 for _, miles in found)
    slugs = [hub.slug for hub, _ in hubs_for(get_store_by_slug("rock-springs"))]
    assert slugs[0] == "hub-dallas"
    assert "hub-newark" not in slugs


@pytest.mark.django_db
def test_wrong_data_load_nothing(data_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    shutil.copytree(DEMO_FOLDER, folder)
    menu = (folder / "menu.toml").read_text(encoding="utf-8")
    (folder / "menu.toml").write_text(menu.replace("cola = 1, peach = 2", "kola = 1, peach = 2"), encoding="utf-8")
    with pytest.raises(CommandError, match="canyon-sunset: Unknown ingredient, category or size: kola"):
        call_command("load_demo", data=folder, verbosity=0)
    assert not (data_folder / "devices.json").exists()


def test_logins_are_printed_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_logins", json=True)
    logins = json.loads(capsys.readouterr().out)
    assert [one["role"] for one in logins] == ["customer", "manager", "admin", "logistics", "repair", "super_admin"]
    assert {one["password"] for one in logins} == {"codepop-demo"}
    call_command("demo_logins")
    assert "super@codepop.example" in capsys.readouterr().out


def _counts() -> dict[str, int]:
    tables = [
        name for name in connection.introspection.table_names() if name.startswith(("stores_", "catalog_", "inv"))
    ]
    tables += ["accounts_user", "accounts_rolegrant"]
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            row = cursor.fetchone()
            assert row is not None
            found[table] = row[0]
    return found
