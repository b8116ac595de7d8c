"""The steps a history is made of, and how a seed becomes a history.

A step says who does what, how, and which fault strikes it. It holds no ids and draws nothing by chance, so any
selection of a history's steps is a history again: that is what makes a failing one shrink.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

SHOPPERS = 3


@dataclass(frozen=True)
class Step:
    """`who` is a shopper or a robot by number; `fault` a fault with its parameters, such as `crash:3`."""

    kind: str
    who: int = 0
    how: str = ""
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.kind}({self.who}{', ' + self.how if self.how else ''})" + (
            f" !{self.fault}" if self.fault else ""
        )


STRIPE_FAULTS = (
    *(
        "outage",
        "refuse_before",
        "hang_up",
        "hang_up_after",
        "wrong_amount",
        "fail_after",
        "stored_500",
        "stored_before",
        "html",
        "rate_limit",
        "rate_limit_wait",
    ),
    *("cut:0", "cut:25", "cut:50", "cut:75", "timeout"),
)
SQL_FAULTS = ("restart", "deadlock", "serialization", "disk_full")
MESSAGES = (
    *("next", "next", "all", "all", "shuffled", "double", "lost", "late", "forged", "old", "future", "other_secret"),
    *("unknown", "huge", "stranger", "backwards"),
)
SWEEPS = (
    "look_at_open",
    "reconcile",
    "reconcile",
    "undelivered",
    "disputes",
    "release_due",
    "expire_stale",
    "silent_robots",
    "stranded",
    "discard",
    "rescue",
)
PRODUCT = frozenset(
    {
        "quote",
        "place",
        "intent",
        "refresh",
        "look",
        "pickup",
        "cancel",
        "staff_cancel",
        "staff_refund",
        "staff_remake",
        "message",
        "job",
    }
    | {"sweep", "claim", "robot", "door", "keypad", "opened"}
)
"""Steps in which code of ours runs: the ones that crashes and database faults can strike."""


def history(seed: str) -> list[Step]:
    """Return the steps of a seed: a few shoppers' stories told at once, disturbed by everything else."""
    draw = random.Random(seed)
    stories = [_story(draw, who) for who in range(draw.choice((1, 1, 2, 3)))]
    steps: list[Step] = []
    while any(stories):
        story = draw.choice([one for one in stories if one])
        steps.append(_with_fault(draw, story.pop(0)))
        while draw.random() < 0.4:
            steps.append(_with_fault(draw, _disturbance(draw, draw.randrange(len(stories)))))
    return steps


def _story(draw: random.Random, who: int) -> list[Step]:
    """Return one shopper's way from quote to door, often cut short or done twice."""
    card = draw.choice((*["good"] * 7, *["declined", "secure", "secure_failed"] * 2, "dispute"))
    story = [
        Step("quote", who, draw.choice(("", "", "now", "later"))),
        Step("place", who, draw.choice(("", "", "", "tabs"))),
        Step("intent", who),
        Step("confirm", who, card),
    ]
    if card not in ("good", "dispute"):
        story += [Step("look", who), Step("confirm", who, "good")]
    story.append(draw.choice((Step("message", 0, "all"), Step("refresh", who), Step("message", 0, "shuffled"))))
    story += [Step("job"), Step("look", who), Step("pickup", who, draw.choice(("now", "now", "later")))]
    end = draw.random()
    if end < 0.3:
        story += [Step("cancel", who), Step("job"), Step("message", 0, "all"), Step("job")]
    elif end < 0.9:
        robot = draw.randrange(2)
        story += [Step("claim", robot), Step("robot", robot, "step"), Step("robot", robot, "loaded")]
        story += [Step("look", who), Step("door", who), Step("opened", who)]
        if draw.random() < 0.15:
            story += [Step("staff_remake", who, draw.choice(("now", "now", "later"))), Step("claim", robot)]
            story += [Step("robot", robot, draw.choice(("loaded", "loaded", "jam")))]
    for _ in range(draw.choice((0, 1, 2))):
        again = draw.randrange(len(story))
        if story[again].kind in ("place", "intent", "confirm", "cancel", "refresh"):
            story.insert(again + 1, Step(story[again].kind, who, "again" if story[again].kind != "confirm" else "good"))
    return story


_OTHERS: tuple[tuple[float, Callable[[random.Random, int], Step]], ...] = (
    (5, lambda draw, who: Step("message", 0, draw.choice(MESSAGES))),
    (4, lambda draw, who: Step("job")),
    (4, lambda draw, who: Step("sweep", 0, draw.choice(SWEEPS))),
    (3, lambda draw, who: Step("tick", 0, draw.choice(("1", "20", "50", "70", "400", "1000", "2000")))),
    (0.4, lambda draw, who: Step("cancel", who, draw.choice(("", "again")))),
    (0.3, lambda draw, who: Step("staff_cancel", who)),
    (0.7, lambda draw, who: Step("staff_refund", who, draw.choice(("part", "part", "whole")))),
    (0.7, lambda draw, who: Step("hand_refund", who, draw.choice(("part", "part", "whole")))),
    (0.4, lambda draw, who: Step("staff_remake", who, draw.choice(("now", "later")))),
    (2, lambda draw, who: Step("place", who, draw.choice(("again", "other", "other_key")))),
    (1, lambda draw, who: Step("intent", who, draw.choice(("", "again")))),
    (1, lambda draw, who: Step("refresh", who)),
    (1, lambda draw, who: Step("pickup", who, draw.choice(("now", "later")))),
    (2, lambda draw, who: Step("claim", draw.randrange(2))),
    (2, lambda draw, who: Step("robot", draw.randrange(2), draw.choice(("step", "loaded", "jam", "well", "late")))),
    (1, lambda draw, who: Step("door", who, draw.choice(("", "wrong")))),
    (0.5, lambda draw, who: Step("keypad", who, draw.choice(("", "wrong")))),
    (1, lambda draw, who: Step("opened", who)),
    (
        0.5,
        lambda draw, who: Step("shop", 0, draw.choice(("dearer", "pause", "resume", "empty", "full", "skew", "back"))),
    ),
)


def _disturbance(draw: random.Random, who: int) -> Step:
    (chosen,) = draw.choices([make for _, make in _OTHERS], weights=[weight for weight, _ in _OTHERS])
    return chosen(draw, who)


def _with_fault(draw: random.Random, step: Step) -> Step:
    """Let a fault strike about every fourth step in which our code runs."""
    if step.kind not in PRODUCT or draw.random() > 0.25:
        return step
    kind = draw.choices(("crash", "stripe", "sql", "commit", "race"), weights=(4, 4, 2, 2, 2))[0]
    fault = ""
    if kind == "crash":
        fault = f"crash:{draw.randrange(8)}"
    elif kind == "stripe" and step.kind in ("intent", "refresh", "job", "sweep"):
        # A time-out costs a real second of waiting.
        fault = f"stripe:{draw.choice(STRIPE_FAULTS[:-1])}" if draw.random() < 0.98 else "stripe:timeout"
    elif kind == "sql":
        fault = f"sql:{draw.choice((*SQL_FAULTS, 'full'))}:{draw.randrange(12)}"
    elif kind == "commit":
        fault = f"commit:{draw.choice(('before', 'after'))}:{draw.randrange(3)}"
    elif kind == "race":
        other = draw.choice(
            ("cancel", "refresh", "claim", "message", "sweep_expire", "sweep_look", "reconcile", "intent")
        )
        fault = f"race:{other}:{draw.randrange(5)}"
    return Step(step.kind, step.who, step.how, fault)
