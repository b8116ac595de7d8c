"""The measurements that need a whole system run through, count what they did, and leave nothing behind."""

import pytest

from bench import webhook
from tools.system import System


@pytest.mark.req("PAY-14")
def test_events_become_state_and_reach_their_screens_and_repeated_ones_do_nothing(system: System) -> None:
    bench = webhook.Bench(system.facts())
    try:
        figures = webhook.measure(bench, events=6)
        orders = [one.order_id for one in bench.placed]
    finally:
        bench.close()
    assert figures["errors"] == 0
    assert figures["streams"] == 6
    assert len(orders) == 8 + 6 * (len(figures["levels"]) + 1)
    assert 0 < figures["p50_ms_to_state"] <= figures["p99_ms_to_state"]
    assert 0 < figures["p50_ms_to_screen"] <= figures["p99_ms_to_screen"]
    assert min(figures["events_per_s"], figures["duplicates_per_s"]) > 0
