"""What single requirements of ASVS ask for that no feature's own test shows; named in docs/security/asvs.md."""

import ast
import json
import re

import pytest

from codepop.core.keyset import new_keysets
from tests.hardening.source import calls, dotted_name, modules

_FORMATS_OF_OURS = {"codepop/core/rights.py", "codepop/ops/demo.py"}
"""Their formats are a statement in the function itself, and lines of the demo chain's own file."""


@pytest.mark.req("SEC-05")
def test_no_format_is_made_from_input() -> None:
    """`{0.attribute}` in a format that somebody else writes would read what they like."""
    for path, tree in modules():
        for call in calls(tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("format", "format_map"):
                told = ast.unparse(call.func.value)
                ours = re.match(r"""['"]|_?[A-Z][A-Z_]+$|sql\.SQL\(|str\(settings\.""", told)
                assert ours or str(path) in _FORMATS_OF_OURS, f"{path}:{call.lineno}: {told}"


@pytest.mark.req("SEC-05")
def test_a_file_has_the_name_that_we_gave_it() -> None:
    """A name is a constant, or has two dates that were parsed: nothing that could end a header or a name."""
    named = 0
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and "'Content-Disposition'" in ast.unparse(node.targets[0]):
                named += 1
                inside = {dotted_name(one.value) for one in ast.walk(node.value) if isinstance(one, ast.FormattedValue)}
                assert inside <= {"first", "last"}, f"{path}:{node.lineno}"
                assert ast.unparse(node.value).lstrip("f'").startswith("attachment; filename="), path
    assert named >= 4


@pytest.mark.req("DB-08")
def test_keys_are_of_256_bits_for_ciphers_that_are_approved() -> None:
    """AES-256-GCM, and AES-SIV (RFC 5297) with its two halves of 256 bits."""
    pair = json.loads(new_keysets())
    kinds = {name: pair[name]["key"][0]["keyData"]["typeUrl"].rpartition(".")[2] for name in pair}
    assert kinds == {"aead": "AesGcmKey", "daead": "AesSivKey"}
    lengths = {name: len(pair[name]["key"][0]["keyData"]["value"]) * 3 // 4 for name in pair}
    assert lengths["aead"] >= 32
    assert lengths["daead"] >= 64
