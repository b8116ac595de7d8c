"""The table of OWASP ASVS 5.0 is whole, and the tests that it names are tests that pytest collects."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tools.bootstrap import ROOT

PAGE: Final = ROOT / "docs" / "security" / "asvs.md"
_ROW: Final = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_TEST: Final = re.compile(r"`([\w/]+\.py)::(\w+)`")
LEAST: Final = 115
# Requirements of level 1 and of level 2 in each chapter of ASVS 5.0.0.
COUNTS: Final = {
    "V1": (8, 19), "V2": (4, 7), "V3": (8, 11), "V4": (2, 8), "V5": (4, 5), "V6": (13, 22), "V7": (6, 12), "V8": (4, 3),
    "V9": (4, 3), "V10": (5, 24), "V11": (3, 11), "V12": (3, 6), "V13": (1, 12), "V14": (2, 7), "V15": (3, 10),
    "V16": (0, 16), "V17": (0, 7),
}  # fmt: skip


def _rows() -> list[tuple[str, str, str, str]]:
    return [found.groups() for found in _ROW.finditer(PAGE.read_text())]  # type: ignore[misc]  # four groups each


def _tests_of(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.req("SEC-05", "SEC-06")
def test_every_requirement_of_both_levels_has_one_row() -> None:
    rows = _rows()
    numbers = Counter(number for number, *_ in rows)
    assert [number for number, count in numbers.items() if count > 1] == []
    found = Counter((number.partition(".")[0], level) for number, level, *_ in rows)
    assert {chapter: (found[chapter, "1"], found[chapter, "2"]) for chapter in COUNTS} == COUNTS
    assert len(rows) == sum(map(sum, COUNTS.values())) == 253


@pytest.mark.req("SEC-05", "SEC-06")
def test_every_test_that_the_table_names_exists_where_pytest_looks() -> None:
    named = {(path, test) for *_, shown in _rows() for path, test in _TEST.findall(shown)}
    assert named
    for path, test in sorted(named):
        file = ROOT / path
        assert file.is_file(), path
        assert file.name.startswith("test_"), path
        assert file.relative_to(ROOT).parts[0] in ("server", "sandbox", "simulator", "tools", "chaos"), path
        assert test.startswith("test_"), test
        assert test in _tests_of(file), f"{path}::{test}"


@pytest.mark.req("SEC-05", "SEC-06")
def test_enough_is_automated_and_the_rest_says_why_not() -> None:
    automated = [number for number, _level, _subject, shown in _rows() if _TEST.search(shown)]
    assert len(automated) >= LEAST
    assert f"**{len(automated)} are shown by tests**" in PAGE.read_text()
    for number, _level, subject, shown in _rows():
        assert subject.strip(), number
        assert _TEST.search(shown) or len(shown.split()) >= 2 or shown.strip() == "none", number
