"""One whole CodePop for the tests of this folder: the processes of `./run up`, on free ports and throwaway data."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.tests.system.browser import chromium
from tools.ports import free_ports
from tools.postgres import remove_cluster, throwaway_folder
from tools.system import PORTS, Options, System, started

TEND_SECONDS = 0.2
SPEED = "30"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that need the whole system in one worker, so that it is started once."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.xdist_group("system"))


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Start everything, keep it going while the tests run, stop it."""
    own_database = os.environ.pop("DATABASE_URL", None)
    try:
        with throwaway_folder("codepop-system-") as data:
            options = Options(data=data, port=free_ports(len(PORTS)), app=False, speed=SPEED)
            try:
                with started(options) as running:
                    yield from _tended(running)
            finally:
                remove_cluster(data / "postgres")
    finally:
        if own_database:
            os.environ["DATABASE_URL"] = own_database


@pytest.fixture(scope="module")
def browser(chromium_path: Path, app_export: Path) -> Iterator[Browser]:
    """A browser for the tests of one file."""
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture(scope="module")
def base(system: System) -> str:
    """The web address by name: a browser gives passkeys to names only, and takes this one for secure."""
    return system.addresses["web"].replace("127.0.0.1", "localhost")


def _tended(running: System) -> Iterator[System]:
    over = threading.Event()

    def tend() -> None:
        while not over.wait(TEND_SECONDS):
            running.tend()

    tender = threading.Thread(target=tend, daemon=True)
    tender.start()
    try:
        yield running
    finally:
        over.set()
        tender.join()
