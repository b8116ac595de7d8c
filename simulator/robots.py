"""Run all simulated stores: `python -m simulator.robots`. Serves the store-front pages, fault switches and /healthz."""

import asyncio
import signal
import sys

import httpx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from simulator.config import BadConfig, Config, read_config
from simulator.faults import Faults
from simulator.pace import Pace, end_tasks
from simulator.platform import Platform
from simulator.roster import StoreRoster, read_roster
from simulator.store import STREAM_TIMEOUT, Store
from simulator.storefront import Mall, make_app

START_GAP_SECONDS = 0.05
"""Between two stores' first calls: sixty stores are there within three seconds, without a rush."""


def run_stores(mall: Mall, config: Config, rosters: list[StoreRoster], clients: "Clients") -> list[asyncio.Task[None]]:
    """Make the stores of the rosters, begin their work, and put them into the mall."""
    tasks = []
    for index, roster in enumerate(rosters):
        store = Store(
            roster,
            platform=clients.platform,
            live=clients.live,
            pace=Pace(config.speed),
            faults=mall.faults,
            seed=config.seed,
        )
        mall.stores[roster.slug] = store
        tasks.append(asyncio.create_task(store.run(delay=index * START_GAP_SECONDS)))
    return tasks


class Clients:
    """The HTTP clients that all stores share: a few connections for calls, and one stream a store."""

    def __init__(self, config: Config) -> None:
        self.platform = Platform(config.public_url)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self.live = httpx.AsyncClient(base_url=config.live_url, timeout=STREAM_TIMEOUT, limits=limits)

    async def close(self) -> None:
        """Close all connections."""
        await self.live.aclose()
        await self.platform.close()


async def wait_for_roster(config: Config, stop: asyncio.Event) -> list[StoreRoster]:
    """Return the stores, waiting for devices.json until the demo chain is loaded or `stop` is set."""
    told = False
    while not stop.is_set():
        try:
            return read_roster(config.devices)
        except FileNotFoundError:
            if not told:
                print(f"waiting for {config.devices.name}: load the demo chain", flush=True)
            told = True
            await asyncio.sleep(0.5)
    return []


async def simulate(config: Config) -> None:
    """Run until SIGTERM or SIGINT, then end everything within a second."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    mall = Mall(Faults(), stop)
    server = Server(
        make_app(mall),
        address="127.0.0.1",
        port=config.port,
        interface=Interfaces.ASGINL,
        log_level=LogLevels.error,
        websockets=False,
    )
    serving = asyncio.create_task(server.serve())
    await asyncio.sleep(0)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    clients = Clients(config)
    tasks = run_stores(mall, config, await wait_for_roster(config, stop), clients)
    mall.ready = True
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([stopping, serving], return_when=asyncio.FIRST_COMPLETED)
    mall.end()
    await end_tasks(tasks)
    await clients.close()
    server.stop()  # type: ignore[no-untyped-call]  # granian's own is untyped
    await asyncio.wait([serving], timeout=3)


def main() -> None:
    """Read the environment and run; a setting that can't be used ends with one line."""
    try:
        config = read_config()
    except BadConfig as problem:
        sys.exit(str(problem))
    asyncio.run(simulate(config))


if __name__ == "__main__":
    main()
