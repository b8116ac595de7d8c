"""Codes and doors."""

from datetime import timedelta

import pytest

from codepop.fulfilment import services
from codepop.fulfilment.errors import CodeLocked, DoorNotWaiting, NotReadyYet, WrongCode, WrongDevice
from codepop.fulfilment.models import DoorCommand, DoorUse
from codepop.fulfilment.tests.factories import (
    Cooler,
    claim,
    code_of,
    make_cooler,
    make_queued,
    make_ready,
    request_open,
)
from codepop.kit import pickup_code
from codepop.kit.clock import frozen, now
from codepop.stores import selectors as stores

pytestmark = pytest.mark.django_db


def _wrong(right: str) -> str:
    return ("3" if right[0] == "2" else "2") + right[1:]


def _commands(cooler: Cooler) -> list[tuple[str, int]]:
    return [(one.type, one.door_number) for one in services.fetch_commands(device=cooler.controller.view)]


@pytest.mark.req("DOM-26")
def test_the_code_has_exactly_its_door_opened() -> None:
    """Of two drinks, only the door of the code's order gets a command."""
    cooler = make_cooler()
    first, _ = make_ready(cooler)
    make_ready(cooler, robot=1)
    request_open(first.order.id, pickup_code.display(code_of(first.order.id)).lower())
    assert _commands(cooler) == [("open_door", 1)]


def test_asking_twice_leaves_one_command() -> None:
    """A second tap renews the command and makes no other."""
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    for _ in range(2):
        request_open(made.order.id, code_of(made.order.id))
    assert DoorCommand.objects.count() == 1


@pytest.mark.req("DB-21", "DOM-26")
def test_a_request_whose_answer_was_lost_gets_it_also_after_the_door_was_opened() -> None:
    """Under its key it stays the yes that it was; a new request is told that the drink is gone."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    code = code_of(made.order.id)
    first = request_open(made.order.id, code, key="the-first-request")
    cooler.controller.tell("door_opened", work.ticket_id, door_number=1)
    cooler.controller.tell("door_closed", work.ticket_id, door_number=1)
    assert request_open(made.order.id, code, key="the-first-request") == first
    with pytest.raises(DoorNotWaiting):
        request_open(made.order.id, code)


def test_a_refused_request_may_be_repeated_under_its_key() -> None:
    cooler = make_cooler(robots=1)
    made = make_queued(cooler)
    key = "asked-too-early-at-first"
    work = claim(cooler.robots[0])
    code = code_of(made.order.id)
    with pytest.raises(NotReadyYet):
        request_open(made.order.id, code, key=key)
    cooler.robots[0].tell("loaded", work.ticket_id, door_number=work.door_number)
    assert request_open(made.order.id, code, key=key).status == 202


def test_a_command_is_acknowledged_by_the_doors_report() -> None:
    """The report names the command; it is not handed out again."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    request_open(made.order.id, code_of(made.order.id))
    command = services.fetch_commands(device=cooler.controller.view)[0]
    cooler.controller.tell("door_opened", work.ticket_id, door_number=1, command_id=str(command.id))
    made.order.refresh_from_db()
    assert (made.order.status, _commands(cooler)) == ("picked_up", [])


def test_an_open_command_runs_out() -> None:
    """A door doesn't open for somebody who left a minute ago."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        request_open(made.order.id, code_of(made.order.id))
        time.advance(seconds=61)
        assert _commands(cooler) == []


@pytest.mark.req("DOM-26")
def test_the_keypad_opens_by_code_and_by_qr_text() -> None:
    """Both forms lead to the one door."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    use = DoorUse.objects.get()
    qr = pickup_code.qr_text(
        key=stores.pickup_key(cooler.store_id),
        order_id=made.order.id,
        nonce=use.nonce,
        expires_at=now() + timedelta(minutes=5),
    )
    for text in (code_of(made.order.id), qr):
        opened = services.open_at_keypad(device=cooler.controller.view, code=text)
        assert (opened.door_number, opened.ticket_id) == (1, work.ticket_id)


def test_a_code_of_another_store_opens_nothing() -> None:
    """Each store has its own key."""
    here = make_cooler()
    there = make_cooler(menu=here.shop.menu)
    made, _ = make_ready(there)
    make_ready(here)
    with pytest.raises(WrongCode):
        services.open_at_keypad(device=here.controller.view, code=code_of(made.order.id))


def test_another_orders_code_does_not_open_mine() -> None:
    """From the screen of one order only its own door opens."""
    cooler = make_cooler()
    mine, _ = make_ready(cooler)
    other, _ = make_ready(cooler, robot=1)
    with pytest.raises(WrongCode):
        request_open(mine.order.id, code_of(other.order.id))
    assert not DoorCommand.objects.exists()


def test_a_code_works_once() -> None:
    """After the door was opened the code is worth nothing."""
    cooler = make_cooler()
    made, work = make_ready(cooler)
    code = code_of(made.order.id)
    cooler.controller.tell("door_opened", work.ticket_id, door_number=1, how="keypad")
    with pytest.raises(WrongCode):
        services.open_at_keypad(device=cooler.controller.view, code=code)
    with pytest.raises(DoorNotWaiting, match="opened already"):
        request_open(made.order.id, code)
    cooler.controller.tell("door_closed", work.ticket_id, door_number=1)
    with pytest.raises(WrongCode):
        services.open_at_keypad(device=cooler.controller.view, code=code)


def test_before_ready_the_right_code_says_how_long() -> None:
    """The code is known while the drink is made, and doesn't open yet."""
    cooler = make_cooler()
    made = make_queued(cooler)
    with pytest.raises(NotReadyYet, match="queue"):
        request_open(made.order.id, "ABC234")
    claim(cooler.robots[0])
    with pytest.raises(NotReadyYet, match="Still being made, about 1 min"):
        request_open(made.order.id, code_of(made.order.id))
    with pytest.raises(NotReadyYet):
        services.open_at_keypad(device=cooler.controller.view, code=code_of(made.order.id))
    assert not DoorCommand.objects.exists()


@pytest.mark.req("DOM-27")
def test_an_expired_code_opens_nothing() -> None:
    """Even before the clock-driven task has come round."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        time.advance(minutes=30)
        with pytest.raises(DoorNotWaiting, match="waited too long"):
            request_open(made.order.id, code_of(made.order.id))
        with pytest.raises(DoorNotWaiting):
            services.open_at_keypad(device=cooler.controller.view, code=code_of(made.order.id))


@pytest.mark.req("DOM-26")
def test_five_wrong_codes_lock_for_a_quarter_of_an_hour() -> None:
    """The right code doesn't help while locked; afterwards it does. The other way in stays open."""
    cooler = make_cooler()
    with frozen(now()) as time:
        made, _ = make_ready(cooler)
        code = code_of(made.order.id)
        for _ in range(5):
            with pytest.raises(WrongCode):
                request_open(made.order.id, _wrong(code))
        with pytest.raises(CodeLocked) as locked:
            request_open(made.order.id, code)
        assert (locked.value.http_status, locked.value.headers["Retry-After"]) == (423, "901")
        services.open_at_keypad(device=cooler.controller.view, code=code)
        time.advance(minutes=15)
        request_open(made.order.id, code)


def test_typing_errors_at_a_keypad_do_not_add_up_over_a_day() -> None:
    """They are forgotten after the time of a lock-out without one."""
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    with frozen(now()) as time:
        for _ in range(3):
            for _ in range(4):
                with pytest.raises(WrongCode):
                    services.open_at_keypad(device=cooler.controller.view, code=_wrong(code_of(made.order.id)))
            time.advance(minutes=16)


@pytest.mark.req("DOM-26")
def test_ones_own_right_code_buys_no_new_guesses_at_the_keypad() -> None:
    """Otherwise somebody with an order of their own could guess at the other doors without end."""
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    code = code_of(made.order.id)
    for _ in range(4):
        with pytest.raises(WrongCode):
            services.open_at_keypad(device=cooler.controller.view, code=_wrong(code))
    services.open_at_keypad(device=cooler.controller.view, code=code)
    with pytest.raises(WrongCode):
        services.open_at_keypad(device=cooler.controller.view, code=_wrong(code))
    with pytest.raises(CodeLocked):
        services.open_at_keypad(device=cooler.controller.view, code=code)


@pytest.mark.req("D10", "DOM-26")
@pytest.mark.parametrize(("minutes", "locked"), [(14, True), (15, False)])
def test_wrong_codes_of_a_cut_off_store_lock_only_while_they_are_fresh(minutes: int, locked: bool) -> None:
    """Told when the network is back, they count from when they were typed: those of hours ago keep nobody out."""
    cooler = make_cooler()
    with frozen(now()) as time:
        typed = [cooler.controller.next("code_refused") for _ in range(5)]
        time.advance(minutes=minutes)
        made, work = make_ready(cooler)
        services.accept_reports(device=cooler.controller.view, reports=typed)
        if locked:
            with pytest.raises(CodeLocked):
                services.open_at_keypad(device=cooler.controller.view, code=code_of(made.order.id))
        else:
            opened = services.open_at_keypad(device=cooler.controller.view, code=code_of(made.order.id))
            assert opened.ticket_id == work.ticket_id


@pytest.mark.parametrize(
    "text", ["", "      ", "K4P9TX", "ÄÖÜß€é", "CP1.x.y.z", "CP1." + "9" * 180, "A" * 5000, "\x00"]
)
def test_nonsense_is_a_wrong_code(text: str) -> None:
    """Whatever is typed, the answer is the same."""
    cooler = make_cooler()
    make_ready(cooler)
    with pytest.raises(WrongCode):
        services.open_at_keypad(device=cooler.controller.view, code=text)


def test_a_robot_can_not_use_the_keypad() -> None:
    """Doors are for their controller."""
    cooler = make_cooler()
    make_ready(cooler)
    with pytest.raises(WrongDevice):
        services.open_at_keypad(device=cooler.robots[0].view, code="ABC234")
    with pytest.raises(WrongDevice):
        services.fetch_store(device=cooler.robots[0].view)


def test_the_controller_learns_what_it_needs_offline() -> None:
    """Key, order and nonce give the code; free doors say nothing."""
    cooler = make_cooler(doors=2)
    made, work = make_ready(cooler)
    told = services.fetch_store(device=cooler.controller.view)
    loaded, free = told.doors
    assert (loaded.state, loaded.order_id, loaded.ticket_id) == ("loaded", made.order.id, work.ticket_id)
    assert (free.state, free.order_id, free.nonce) == ("free", None, None)
