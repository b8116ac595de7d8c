"""/v1/events and /v1/webhook_endpoints"""

import fnmatch

from sandbox.store import Json
from sandbox.stripe import objects
from sandbox.stripe.account import public, random_text
from sandbox.stripe.errors import invalid
from sandbox.stripe.operations import Call, Operation, Operations
from sandbox.stripe.params import PAGE, array, choice, flag, merge_metadata, metadata, schema, span, text, within
from sandbox.stripe.render import page, render

EVENTS = schema(created=span, delivery_success=flag(), type=text(), types=array(text()), **PAGE)
ENDPOINT_CREATE = schema(
    ("enabled_events", "url"),
    "connect",
    enabled_events=array(text(clearable=False)),
    url=text(2048, clearable=False),
    api_version=choice(objects.API_VERSION),
    description=text(),
    metadata=metadata,
)
ENDPOINT_UPDATE = schema(
    enabled_events=array(text(clearable=False)),
    url=text(2048, clearable=False),
    description=text(),
    disabled=flag(),
    metadata=metadata,
)


def _retrieve_event(call: Call) -> Json:
    return render(call.account, call.account.get("event", call.key, param="id"), call.params["expand"])


def _list_events(call: Call) -> Json:
    params = call.params
    wanted = ([params["type"]] if params.get("type") else []) + (params.get("types") or [])
    if params.get("type") and params.get("types"):
        raise invalid("You may only specify one of these parameters: type, types.", param="type")
    success = params.get("delivery_success")
    failed = (
        {item["event"] for item in call.account.store.all("delivery").values() if item["status"] != "delivered"}
        if success is not None
        else set()
    )

    def keep(event: Json) -> bool:
        return (
            within(event["created"], params.get("created"))
            and (not wanted or any(fnmatch.fnmatchcase(event["type"], pattern) for pattern in wanted))
            and (success is None or (event["id"] not in failed) == success)
        )

    return page(call.account, "event", "/v1/events", params, keep)


def _check_url(url: str | None) -> None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise invalid("Invalid URL: must start with http:// or https://", code="url_invalid", param="url")


def _create(call: Call) -> Json:
    account, params = call.account, call.params
    _check_url(params["url"])
    if not params["enabled_events"]:
        raise invalid("enabled_events must name at least one event, or *.", param="enabled_events")
    params["metadata"] = merge_metadata({}, params.get("metadata"))
    secret = f"whsec_{random_text(32)}"
    endpoint = objects.webhook_endpoint(account.new_id("we"), created=account.now(), values=params, secret=secret)
    account.put("webhook_endpoint", endpoint)
    return {**public(endpoint), "secret": secret}


def _find(call: Call) -> Json:
    return call.account.get("webhook_endpoint", call.key, param="webhook_endpoint", noun="webhook endpoint")


def _retrieve(call: Call) -> Json:
    return render(call.account, _find(call), call.params["expand"])


def _update(call: Call) -> Json:
    endpoint, params = _find(call), call.params
    _check_url(params.get("url"))
    if "metadata" in params:
        params["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    endpoint.update(
        {name: params[name] for name in ("enabled_events", "url", "description", "metadata") if name in params}
    )
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    call.account.put("webhook_endpoint", endpoint)
    return render(call.account, endpoint, params["expand"])


def _delete(call: Call) -> Json:
    endpoint = _find(call)
    endpoint["deleted"], endpoint["status"] = True, "disabled"
    call.account.put("webhook_endpoint", endpoint)
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _list(call: Call) -> Json:
    return page(call.account, "webhook_endpoint", "/v1/webhook_endpoints", call.params)


OPERATIONS: Operations = {
    ("GET", "events"): Operation(EVENTS, _list_events),
    ("GET", "events/*"): Operation(schema(), _retrieve_event),
    ("POST", "webhook_endpoints"): Operation(ENDPOINT_CREATE, _create),
    ("GET", "webhook_endpoints"): Operation(schema(**PAGE), _list),
    ("GET", "webhook_endpoints/*"): Operation(schema(), _retrieve),
    ("POST", "webhook_endpoints/*"): Operation(ENDPOINT_UPDATE, _update),
    ("DELETE", "webhook_endpoints/*"): Operation(schema(), _delete),
}
