"""How measurements show their figures, and what they tell about the machine they ran on."""

from collections.abc import Mapping
from typing import Any


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
