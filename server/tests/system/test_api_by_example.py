"""docs/api.md is run as it stands: what it says can be pasted can be pasted."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tools.system import System

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.mark.req("CORE-03", "PAY-05", "DOM-26", "DOM-04")
def test_the_page_runs_from_quote_to_open_door(system: System, tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"```bash\n(.*?)```", PAGE.read_text(), flags=re.DOTALL))
    environment = {
        **os.environ,
        "CODEPOP": system.addresses["web"],
        "SANDBOX": system.addresses["sandbox"],
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    said = done.stdout.split()
    in_order = ["304", "payment_pending", "succeeded", "paid", "queued", "ready", "202", "picked_up"]
    places = [said.index(word) for word in in_order]
    assert places == sorted(places), done.stdout
    assert '"too_late"' in done.stdout
    assert "email_hint" in done.stdout
    assert "customer@codepop.example" not in done.stdout
