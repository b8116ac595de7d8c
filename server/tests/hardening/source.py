"""The product's source as trees, for the tests that judge it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.bootstrap import ROOT

PRODUCT: Final = (ROOT / "server" / "codepop", ROOT / "server" / "config")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Read the product's own modules, without tests and migrations: path below `server`, and the tree."""
    for folder in PRODUCT:
        for path in sorted(folder.rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path.relative_to(ROOT / "server"), ast.parse(path.read_text())


def dotted_name(node: ast.expr) -> str:
    """Write `a.b.c` for a dotted name, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}".lstrip(".")
    return ""


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Find all calls."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
