"""How measurements show their figures, and what they tell about the machine they ran on."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bench._checkout import CheckoutFailed


def print_machine(machine: Mapping[str, Any]) -> None:
    """Say when the machine was too busy for its figures to be taken at their word."""
    cores, load = machine["cores"], machine["load_before"]
    if load > cores:
        print(
            f"  This machine was busy before ({load:.1f} running on {cores} cores): a quiet one shows better figures."
        )


def print_figures(figures: Mapping[str, Any], budgets: Mapping[str, float]) -> None:
    """Show the single figures, those with a budget (an upper limit) beside it, and then the machine."""
    print()
    for name, value in figures.items():
        if name in budgets:
            kept = "kept" if value <= budgets[name] else "NOT KEPT"
            print(f"  {name:<24}{value:>10}   budget <= {budgets[name]:g}   {kept}")
        elif isinstance(value, int | float):
            print(f"  {name:<24}{value:>10}")
    print_machine(figures["machine"])


class Closeable(Protocol):
    def close(self) -> None: ...


B = TypeVar("B", bound=Closeable)


def run_measurement(
    make: Callable[[dict[str, Any]], B],
    measure: Callable[[B], dict[str, Any]],
    *,
    budgets: Mapping[str, float],
    file: Path | None,
) -> dict[str, Any] | None:
    """Measure the running system, show the figures and keep them in `file`; None, and the reason shown, if it fails."""
    facts = json.loads(Path(os.environ["CODEPOP_RUN_FILE"]).read_text())
    try:
        with closing(make(facts)) as bench:
            figures = measure(bench)
    except CheckoutFailed as error:
        print(f"✗ {error}", file=sys.stderr)
        return None
    print_figures(figures, budgets)
    if file:
        file.write_text(json.dumps(figures, indent=2) + "\n")
    return figures
