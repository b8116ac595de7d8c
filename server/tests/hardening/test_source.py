"""What the source itself must not hold, all of it read as a tree or as text: a new file is judged like the old ones."""

import ast
import json
import re
from pathlib import Path
from typing import Final

import pytest

from tests.hardening.source import calls, dotted_name, modules
from tools import secret_scan
from tools.bootstrap import ROOT

_HANDLER: Final = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
_STYLE: Final = re.compile(r"<style[^>]*>(?!</style>)|<[^>{]*\sstyle\s*=", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)", re.IGNORECASE)
# Not pages of ours: a letter is shown by mail programs, and the copy of a person's data is a file on their own machine.
_NOT_SERVED: Final = ("mail/letter.html", "privacy/export.html")
_WAITING: Final = ("delivery.py", "guard.py", "listener.py", "retries.py")
"""How long to wait before the next try is random and no secret."""
_FIXED: Final = re.compile(r"_?[A-Z][A-Z0-9_]*|table|columns?|names?|function|channel|statement|query|sql")
"""Names of constants, and of what our own functions hand on: names of tables, columns and whole statements."""
_WITHOUT_CSRF: Final = {
    # Authenticated by a signature over the body, by a secret, by the token in the address.
    "codepop/payments/api.py",
    "codepop/notifications/webhooks.py",
    "codepop/notifications/pages.py",
    # Checked by itself, so that the refusal has the staff's look.
    "codepop/reporting/staff/screen.py",
}


def _imports(tree: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.req("SEC-05")
def test_nothing_runs_text_as_a_program_or_as_a_command() -> None:
    forbidden = {"eval", "exec", "compile", "os.system", "os.popen", "__import__"}
    for path, tree in modules():
        called = {dotted_name(call.func) for call in calls(tree)}
        assert not called & forbidden, f"{path}: {called & forbidden}"
        assert not _imports(tree) & {"subprocess", "pty", "commands"}, path
        shells = [call for call in calls(tree) if any(k.arg == "shell" for k in call.keywords)]
        assert not shells, path


@pytest.mark.req("SEC-05")
def test_nothing_reads_a_format_that_can_make_objects_or_fetch_others() -> None:
    unsafe = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "plistlib"}
    for path, tree in modules():
        roots = {name.partition(".")[0] for name in _imports(tree)}
        assert not roots & (unsafe | {"xml", "lxml", "defusedxml", "ldap3", "ldap", "jnius"}), path


@pytest.mark.req("SEC-05", "DB-18")
def test_no_statement_is_put_together_from_values() -> None:
    """It may be a text that a module holds, or be composed of names of tables and columns; never of what came in."""
    asked = 0
    for path, tree in modules():
        for call in calls(tree):
            for statement in _statements(call):
                asked += 1
                assert _is_fixed(statement), f"{path}:{call.lineno} {ast.unparse(statement)}"
    assert asked > 40
    for bad in ("x + y", "'a' % x", "f'a{x}'", "'a'.format(x)", "x.lower()", "text", "f'{x()}'"):
        assert not _is_fixed(ast.parse(bad, mode="eval").body), bad


def _statements(call: ast.Call) -> list[ast.expr]:
    """Find the parts of a call that PostgreSQL reads as a statement."""
    name = dotted_name(call.func).rpartition(".")[2]
    found = [call.args[0]] if name in ("execute", "executemany", "raw", "RawSQL", "RunSQL") and call.args else []
    if name == "extra":
        lists = [k.value for k in call.keywords if k.arg in ("where", "select", "tables", "order_by")]
        assert all(isinstance(one, ast.List) for one in lists), ast.unparse(call)
        found += [item for one in lists if isinstance(one, ast.List) for item in one.elts]
    return found


def _is_fixed(part: ast.expr) -> bool:
    """Say whether a part of a statement is a constant, or made of constants and names of tables and columns."""
    if isinstance(part, ast.Constant):
        return True
    if isinstance(part, ast.JoinedStr):
        return all(_is_fixed(one) for one in part.values)
    if isinstance(part, ast.FormattedValue):
        return bool(_FIXED.fullmatch(dotted_name(part.value)))
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
        if part.func.attr == "format":  # psycopg's own composing, which quotes each name
            return isinstance(part.func.value, ast.Call) and dotted_name(part.func.value.func) == "sql.SQL"
        return part.func.attr == "join" and _is_fixed(part.func.value) and all(_is_repeated(one) for one in part.args)
    return bool(_FIXED.fullmatch(dotted_name(part).rpartition(".")[2]))


def _is_repeated(part: ast.expr) -> bool:
    """Say whether it is a constant list, several times: `["... %s"] * 3`."""
    return isinstance(part, ast.BinOp) and isinstance(part.left, ast.List) and all(map(_is_fixed, part.left.elts))


@pytest.mark.req("SEC-06")
def test_no_text_becomes_markup_unescaped() -> None:
    for path, tree in modules():
        called = {dotted_name(call.func).rpartition(".")[2] for call in calls(tree)}
        assert not called & {"mark_safe", "SafeString", "SafeText"}, path
    for page in _templates():
        text = page.read_text()
        assert "|safe" not in text.replace(" ", ""), page
        assert "autoescape off" not in text or page.suffix == ".txt", page


@pytest.mark.req("SEC-06")
def test_no_page_holds_a_script_a_handler_or_a_style_of_its_own() -> None:
    shown = [page for page in _templates() if page.suffix == ".html" and not str(page).endswith(_NOT_SERVED)]
    shown += (ROOT / "app" / "public").glob("*.html")
    shown += (ROOT / "sandbox").rglob("*.html")
    assert len(shown) > 20
    for page in shown:
        text = page.read_text()
        assert not _SCRIPT.search(text), page
        assert not _HANDLER.search(text), page
        assert not _STYLE.search(text), page  # an empty one holds none: the app's libraries add their rules by script
        assert "javascript:" not in text.lower(), page


def _templates() -> list[Path]:
    return [page for page in (ROOT / "server").rglob("templates/**/*") if page.is_file()]


@pytest.mark.req("SEC-06")
def test_only_what_proves_itself_otherwise_goes_without_a_csrf_token() -> None:
    without = {str(path) for path, tree in modules() if "csrf_exempt" in ast.unparse(tree)}
    assert without == _WITHOUT_CSRF


@pytest.mark.req("SEC-12")
def test_nothing_secret_is_guessable_or_weakly_hashed() -> None:
    for path, tree in modules():
        for call in calls(tree):
            name = dotted_name(call.func)
            assert name not in ("hashlib.md5", "hashlib.sha1", "md5", "sha1"), f"{path}:{call.lineno}"
            assert not name.startswith("uuid.uuid1"), f"{path}:{call.lineno}"
        weak = _imports(tree) & {"random", "Crypto", "Cryptodome", "crypt"}
        assert not weak or path.name in _WAITING, f"{path}: {weak}"


@pytest.mark.req("SEC-12")
def test_no_secret_lies_in_the_tree() -> None:
    assert [str(finding) for finding in secret_scan.scan()] == []


@pytest.mark.req("SEC-12")
def test_every_package_is_named_with_its_version_and_its_hash() -> None:
    assert secret_scan.lock_addresses() == []
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", lock.read_text()).strip())
        assert entries, lock
        for entry in entries:
            assert re.match(r"[A-Za-z0-9._\[\],-]+==\S+", entry), f"{lock.name}: {entry[:60]}"
            assert "--hash=sha256:" in entry, f"{lock.name}: {entry[:60]}"
    packages = json.loads((ROOT / "app" / "package-lock.json").read_text())["packages"]
    installed = {name: one for name, one in packages.items() if name and not one.get("link")}
    assert [name for name, one in installed.items() if not one.get("integrity") and not one.get("inBundle")] == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+\S*", one["version"]) for one in installed.values())


@pytest.mark.req("SEC-06")
def test_the_app_makes_no_markup_from_text() -> None:
    sources = [p for p in (ROOT / "app" / "src").rglob("*.ts*") if ".test." not in p.name]
    assert len(sources) > 40
    for path in sources:
        text = path.read_text()
        for bad in (
            "dangerouslySetInnerHTML",
            ".innerHTML",
            "document.write",
            "eval(",
            "new Function(",
            "insertAdjacentHTML",
        ):
            assert bad not in text, f"{path}: {bad}"
