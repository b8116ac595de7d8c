"""What a trial of many runs says in the end, also when it is stopped or something was wrong."""

from pathlib import Path

import pytest

from simulator.customers.config import Config
from simulator.customers.run import Outcome, Wish
from simulator.customers.trial import Trial

CONFIG = Config("http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9", None)
WISHES = [Wish(customers=5, seed=1, fault=kind, at_once=2, settle_seconds=1) for kind in ("outage", "cut")]


def _over(**given: object) -> Outcome:
    return Outcome(over=True, **given)  # type: ignore[arg-type]  # the cases below give what Outcome takes


def _trial(*outcomes: Outcome, stopped: bool = False, together: list[str] | None = None) -> Trial:
    trial = Trial(CONFIG, WISHES, None, tell=lambda name, outcome: None, together=together)
    trial.results = dict(zip(("outage", "cut"), outcomes, strict=False))
    if stopped:
        trial.stopping.set()
    return trial


@pytest.mark.parametrize(
    ("trial", "verdict"),
    [
        (_trial(_over(), _over()), "passed"),
        (_trial(_over(), _over(violations=["charged twice"])), "failed"),
        (_trial(_over(), _over(unsettled=["an order is paid"])), "failed"),
        (_trial(_over(), _over(), together=["stock is negative"]), "failed"),
        (_trial(_over()), "running"),
        (_trial(_over(), stopped=True), "stopped"),
        (_trial(_over(), _over(stopped=True, unsettled=["an order is paid"]), stopped=True), "stopped"),
        (_trial(_over(), _over(stopped=True, violations=["charged twice"]), stopped=True), "failed"),
    ],
)
def test_a_trial_has_one_verdict(trial: Trial, verdict: str) -> None:
    assert trial.verdict == verdict
    assert trial.to_json()["verdict"] == verdict


def test_the_file_says_how_much_of_what_was_asked_for_is_done(tmp_path: Path) -> None:
    trial = _trial(_over(), Outcome(stopped=True, over=True), stopped=True)
    trial.path = tmp_path / "result.json"
    trial.write()
    said = trial.to_json()
    assert (said["asked"], said["run"], set(said["faults"])) == (2, 1, {"outage", "cut"})
    assert '"verdict": "stopped"' in trial.path.read_text()
