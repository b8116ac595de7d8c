"""The end of a history: faults stop, all is delivered and done, time passes, and both books must say the same."""

import traceback
from collections.abc import Sequence

from chaos.history import Played, Tally, Verdict
from chaos.invariants import IN_TIME, LASTING, STEADY
from chaos.limits import Stuck
from chaos.steps import Step
from chaos.world import World

STUCK = "stuck"
"""Stands where an invariant's name would: a history that can't be played to its end is a violation too."""

WITH_MESSAGES_SECONDS, WITHOUT_SECONDS = 60, 300
TURN_SECONDS = 10
MOST_LAST_TURNS = 4
DISPUTES_SECONDS = 600
JUMPS = (30, 120, 960, 1900, 900, 7500, 90_000, 900)
"""How far time jumps until all is over: past the time to pay, to fetch, and a day for what nobody ever starts."""


def play(world: World, seed: str, steps: Sequence[Step], tally: Tally) -> Verdict:
    """Play a history from the world's beginning to its end; stops at the first step after which something is wrong."""
    world.restart(seed)
    played = Played(world, tally)
    tally.histories += 1
    at = 0
    try:
        with tally.limit.kept():
            for at, step in enumerate(steps):
                tally.limit.begin(f"step {at}, {step},")
                if wrong := played.step(step):
                    return Verdict(wrong, at, played.trace)
            at = len(steps)
            wrong = settle(played, messages=sum(map(ord, seed)) % 3 > 0)
    except Stuck as stuck:
        wrong = [f"{STUCK}: {stuck}"]
    except Exception as error:
        traceback.print_exc()
        wrong = [f"{STUCK}: {tally.limit.what} raised {error!r}"]
    return Verdict(wrong, at if wrong else None, played.trace)


def settle(played: Played, *, messages: bool) -> list[str]:
    """Stop the faults and let the system come to rest; returns what is wrong then.

    With the provider's messages everything final there must be final with us within a minute, without any of them
    within five.
    """
    played.world.provider.control("DELETE", "faults")
    if not messages:
        played.post.delivered |= {event["id"] for event in played.world.provider.events()}
    if wrong := _within(played, WITH_MESSAGES_SECONDS if messages else WITHOUT_SECONDS, messages=messages):
        return wrong
    for seconds in JUMPS:
        if played.all_over():
            break
        _pass(played, seconds)
        _turn(played)
        played.floor.work_everything()
    if played.told.disputed:
        # A dispute whose messages were lost is found by its schedule.
        _pass(played, DISPUTES_SECONDS)
        _turn(played)
    for _ in range(MOST_LAST_TURNS):
        _pass(played, 90)
        _turn(played)
        if not played.worker.has_work():
            break
    _pass(played, 90)
    _turn(played, mail=True)
    wrong = played.look({**STEADY, **IN_TIME}) + played.look(LASTING)
    played.trace.append(f"settled {played.states()}")
    played.count_ends()
    if not played.all_over():
        wrong.append(f"I11: an order never ends: {played.states()}")
    return wrong


def _within(played: Played, bound: int, *, messages: bool) -> list[str]:
    """Let turns of the clock pass until all that is final at the provider is final with us; wrong after the bound."""
    passed = 0
    while True:
        _turn(played, messages=messages)
        wrong = played.look(IN_TIME)
        if not wrong or passed >= bound:
            return wrong
        _pass(played, TURN_SECONDS)
        passed += TURN_SECONDS


def _turn(played: Played, *, messages: bool = True, mail: bool = False) -> None:
    played.tally.limit.begin("a turn of settling")
    if messages:
        played.post.deliver_all()
    played.worker.sweep_all(mail=mail)
    played.worker.work(Step("job"))


def _pass(played: Played, seconds: float) -> None:
    played.world.clock.advance(seconds)
    played.world.clock.share()
