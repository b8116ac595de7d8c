"""The shape that must stay: a policy row for every operation, no network in a transaction, few hops to the order."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from ninja import NinjaAPI, Schema

from codepop.accounts.policy import POLICY
from config.urls import api, device_api


def _operations(api: NinjaAPI) -> set[str]:
    return {
        str(operation.operation_id)
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    }


def _named_urls(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, str]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _named_urls(entry.url_patterns, inner)
        else:
            module = getattr(entry.callback, "__module__", "")
            yield f"{namespace}{entry.name}", module


@pytest.mark.req("SEC-11")
def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    resolver = get_resolver()
    named = list(_named_urls(resolver.url_patterns))
    screens = {name for name, _ in named if name.startswith(("staff:", "webhook_"))}
    operations = (
        _operations(api)
        | _operations(device_api)
        | screens
        | {"get_health", "get_metrics"}
        | {name for name in POLICY if name.startswith("live:")}
    )
    assert operations - set(POLICY) == set(), "operations without a row in accounts/policy.py"
    assert set(POLICY) - operations == set(), "rows in accounts/policy.py without an operation"


@pytest.mark.req("SEC-11")
def test_every_address_of_ours_is_named_or_part_of_the_api() -> None:
    ours = {module: name for name, module in _named_urls(get_resolver().url_patterns) if name.endswith("None")}
    assert [module for module in ours if module.startswith("codepop")] == []


def test_no_two_schemas_share_a_name() -> None:
    """Ninja would describe both by the last one, and the document would lie."""
    named: dict[str, set[str]] = {}
    for schema in _subclasses(Schema):
        if schema.__module__.startswith("codepop"):
            named.setdefault(schema.__name__, set()).add(schema.__module__)
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}


def _subclasses(kind: type) -> Iterator[type]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _subclasses(sub)
