"""The measuring programs' own arithmetic: process trees, percentiles, fresh ids in a replay."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from bench._floor import Replay, _Fresh, _transactions
from bench._load import percentile
from bench._processor import processor_seconds
from bench._record import Recording, Statement
from codepop.kit.ids import uuid7


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == 50.0
    assert percentile(values, 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) == 0.0


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="processor time is read from Linux's /proc")
def test_processor_time_counts_children_that_have_ended() -> None:
    before = processor_seconds({"me": os.getpid()})["me"]
    subprocess.run([sys.executable, "-c", "x = sum(range(12_000_000))"], check=True)
    assert processor_seconds({"me": os.getpid()})["me"] - before > 0.1
    assert processor_seconds({"gone": 2**22})["gone"] == 0


def _statement(sql: str, transaction: int | None) -> Statement:
    return Statement(sql, [], transaction)


def test_statements_are_grouped_by_their_transactions() -> None:
    step = [_statement(sql, number) for sql, number in (("a", None), ("b", None), ("c", 1), ("d", 1), ("e", 2))]
    assert [[one.sql for one in group] for group in _transactions(step)] == [["a"], ["b"], ["c", "d"], ["e"]]


def test_a_replay_changes_what_was_unique_and_nothing_else() -> None:
    store, order = UUID(int=uuid7().int - (10_000 << 80)), uuid7()
    recording = Recording(started_ms=(order.int >> 80), texts=["pi_3Abc"], message_id=42)
    fresh = _Fresh(recording)
    fresh.message_id = 43
    given = [store, order, "pi_3Abc", f"charge:{order}", 42, 200, Jsonb({"id": str(order), "message_id": 1}), b"x" * 32]
    first = fresh.parameters(given)
    assert first[0] == store
    assert first[1] != order
    assert first[1].version == 7
    assert first[2] != "pi_3Abc"
    assert first[3] == f"charge:{first[1]}"
    assert first[4:6] == [43, 200]
    assert first[6].obj == {"id": str(first[1]), "message_id": 1}
    assert len(first[7]) == 32
    assert fresh.parameters(given)[1] == first[1]
    assert _Fresh(recording).parameters(given)[1] != first[1]


def test_a_recording_counts_by_step() -> None:
    recording = Recording(steps={"quote": [_statement("a", None)], "place": [_statement("b", 1), _statement("c", 1)]})
    assert (recording.count("place"), recording.count()) == (2, 3)
    assert Replay(recording) is not None
