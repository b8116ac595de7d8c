"""The measurements that need a whole system run through, count what they did, and leave nothing behind."""

import pytest

from bench import login, webhook
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


@pytest.mark.req("SEC-07", "SEC-10")
def test_no_guess_opens_anything_and_no_more_are_judged_than_is_documented(system: System) -> None:
    bench = login.Bench(system.facts())
    try:
        figures = login.measure(bench)
    finally:
        bench.close()
    assert (figures["opened"], figures["judged_over_limit"], figures["victim_locked"]) == (0, 0, 1)
    attacks = figures["attacks"]
    assert {name: one["guesses"] for name, one in attacks.items()} == dict.fromkeys(login.MOST, login.GUESSES)
    assert all(one["judged"] > 0 for one in attacks.values())
    assert [name for name, one in attacks.items() if not one["refused"]] == ["reset_links"]
