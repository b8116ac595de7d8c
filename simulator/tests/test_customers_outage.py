"""What customers do in an outage, and the closing check that finds every charge outside its person's consent."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from simulator.customers.books import Intent
from simulator.customers.outage import Reaction, Wait, Window, judge, reaction_of
from simulator.customers.plans import make_plans

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)
CHARGED = Intent("pi_1", "o1", captured_cents=720, refunded_cents=0, charges=1, charged_at=AT.timestamp())
BY_HAND = Wait(Reaction.RETRY, paid_by_hand=True)


def _wrong(away: Wait, intent: Intent = CHARGED, *, pay_until: datetime | None = LATER) -> list[str]:
    return judge([Window("o1", away, pay_until)], {"o1": intent}).wrong


def test_charges_inside_the_consent_are_counted_and_left_alone() -> None:
    by_itself = Wait(Reaction.CHARGE, charge_until=AT)
    verdict = judge([Window("o1", by_itself, AT), Window("o2", BY_HAND, AT)], {"o1": CHARGED, "o2": CHARGED})
    assert (verdict.wrong, verdict.charged_by_itself, verdict.recovered) == ([], 1, 2)
    unpaid = replace(CHARGED, charges=0, captured_cents=0, charged_at=None)
    assert _wrong(Wait(Reaction.LEAVE), unpaid) == []


@pytest.mark.parametrize(
    ("away", "pay_until", "says"),
    [
        (Wait(Reaction.LEAVE), LATER, "outside its person's consent"),
        (Wait(Reaction.CHARGE, charge_until=AT - timedelta(seconds=1)), LATER, "outside its person's consent"),
        (BY_HAND, AT - timedelta(seconds=151), "charged 151 s after it was over"),
        (BY_HAND, None, "is lost"),
    ],
)
def test_a_charge_outside_and_a_lost_order_are_found(away: Wait, pay_until: datetime | None, says: str) -> None:
    (found,) = _wrong(away, pay_until=pay_until)
    assert says in found


def test_a_late_charge_that_went_back_does_no_harm() -> None:
    verdict = judge([Window("o1", BY_HAND, AT - timedelta(minutes=1))], {"o1": replace(CHARGED, refunded_cents=720)})
    assert (verdict.wrong, verdict.late_and_given_back) == ([], 1)


def test_who_pays_by_hand_before_the_order_was_closed_gets_it() -> None:
    verdict = judge([Window("o1", BY_HAND, AT - timedelta(seconds=19))], {"o1": CHARGED})
    assert (verdict.wrong, verdict.paid_before_closing, verdict.latest_seconds) == ([], 1, 19.0)


def test_every_reaction_is_met_and_only_a_saved_card_is_charged() -> None:
    plans = make_plans(customers=200, seed=7, accounts=5)
    met = Counter(reaction_of(plan) for plan in plans)
    assert set(met) == set(Reaction)
    assert all(plan.account is not None for plan in plans if reaction_of(plan) == Reaction.CHARGE)
