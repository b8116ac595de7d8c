"""Steps and plans: pure."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepop.fulfilment.plan import Block, RobotNow, Waiting, plan_lanes
from codepop.fulfilment.steps import Part, PartKind, share_done, step_text, steps_for, total_seconds

NOW = datetime(2026, 11, 23, 8, 39, tzinfo=UTC)
KINDS: tuple[PartKind, ...] = ("soda", "syrup", "juice", "cream", "add_in", "ice_cream")
parts = st.builds(
    Part,
    name=st.just("Peach"),
    kind=st.sampled_from(KINDS),
    portions=st.integers(1, 12),
    amount=st.integers(0, 1000),
    unit=st.just("ml"),
)


@given(st.lists(parts, max_size=15), st.sampled_from(["none", "light", "regular", "extra"]))
def test_every_part_once_between_cup_and_label(given_parts: list[Part], ice: str) -> None:
    """Nothing is forgotten or doubled; every step takes time; liquids before what swims on them."""
    steps = steps_for(given_parts, ice=ice)
    assert [steps[0].kind, steps[-2].kind, steps[-1].kind] == ["cup", "lid", "label"]
    middle = [step for step in steps if step.ingredient]
    assert sorted(step.amount for step in middle) == sorted(part.amount for part in given_parts)
    assert ("ice" in [step.kind for step in steps]) == (ice != "none")
    assert all(step.seconds >= 0.5 for step in steps)
    kinds = [step.kind for step in middle]
    assert "add" not in kinds or set(kinds[kinds.index("add") :]) == {"add"}
    assert total_seconds(steps) >= sum(step.seconds for step in steps)


@pytest.mark.parametrize(
    ("kind", "ingredient", "text"),
    [
        ("pump", "Peach", "Adding peach"),
        ("pour", "Vanilla Cream", "Pouring vanilla cream"),
        ("pour", "Dr. Spice", "Pouring Dr. Spice"),
        ("add", "Lime Wedge", "Adding lime wedge"),
        ("pump", "Raspberry syrup", "Adding raspberry"),
        ("rinse", None, "Rinsing the nozzles"),
        ("cup", None, "Taking a fresh cup"),
        ("ice", None, "Adding ice"),
        ("polish", None, "Making your drink"),
    ],
)
def test_what_the_customer_reads(kind: str, ingredient: str | None, text: str) -> None:
    """Short and true."""
    assert step_text(kind, ingredient) == text


@given(
    st.lists(st.lists(st.floats(0.5, 60), min_size=1, max_size=8), min_size=1, max_size=5),
    st.integers(0, 6),
    st.integers(0, 9),
)
def test_share_done_is_a_share_and_never_goes_back(drinks: list[list[float]], drink: int, step: int) -> None:
    """Between 0 and 1, growing with each step, 1 at the end."""
    here = share_done(drinks, drink_index=drink, step_index=step)
    assert 0 <= here <= 1
    assert share_done(drinks, drink_index=drink, step_index=step + 1) >= here
    assert share_done(drinks, drink_index=len(drinks), step_index=0) == 1


def _waiting(seconds: int, *, after_s: int = 0) -> Waiting:
    return Waiting(uuid4(), "A-1", "Haze ×1", NOW + timedelta(seconds=after_s), seconds)


def _robot(*, working: bool = True, busy_s: int = 0) -> RobotNow:
    making = Block(uuid4(), "A-0", "Haze ×1", "making", "Pouring", NOW, NOW + timedelta(seconds=busy_s))
    return RobotNow(uuid4(), "Robot", "normal", working, making if busy_s else None)


def test_the_next_order_goes_to_whoever_is_free_first() -> None:
    """A busy robot's next order begins when it has finished."""
    robots = [_robot(busy_s=60), _robot()]
    first, second = plan_lanes(robots, [_waiting(30), _waiting(40), _waiting(20)], at=NOW, horizon_s=720)
    assert [(b.kind, (b.starts_at - NOW).seconds) for b in second.blocks] == [("planned", 0), ("planned", 30)]
    assert [(b.kind, (b.starts_at - NOW).seconds) for b in first.blocks] == [("making", 0), ("planned", 60)]


def test_no_plan_for_broken_robots_or_beyond_the_horizon() -> None:
    """What nobody can make is not promised to anybody."""
    [broken] = plan_lanes([_robot(working=False)], [_waiting(30)], at=NOW, horizon_s=720)
    assert broken.blocks == ()
    [lane] = plan_lanes([_robot()], [_waiting(30, after_s=800)], at=NOW, horizon_s=720)
    assert lane.blocks == ()


@given(st.lists(st.integers(1, 300), max_size=30), st.integers(1, 5))
def test_blocks_of_a_lane_never_overlap(seconds: list[int], robots: int) -> None:
    """A robot makes one order at a time, also in the plan."""
    for lane in plan_lanes([_robot() for _ in range(robots)], map(_waiting, seconds), at=NOW, horizon_s=720):
        for before, after in zip(lane.blocks, lane.blocks[1:], strict=False):
            assert before.ends_at <= after.starts_at
