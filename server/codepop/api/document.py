"""What the features' own schemas don't say: the gate's refusals and the three ways to prove who one is."""

from typing import Any

from codepop.accounts.policy import POLICY, Rule

SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Web page, with X-CSRFToken."},
    "sessionToken": {"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": "App."},
    "orderToken": {"type": "apiKey", "in": "header", "name": "X-Order-Token", "description": "An order's own secret."},
}
_ENVELOPE = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
_EVERYWHERE = {503: "The database does not answer, or a row stayed locked too long. Nothing was changed."}
_CHECKED = {422: "Something sent is not of the described form; `fields` names it."}
_GATED = {
    401: "Nobody is signed in and no order token was sent.",
    403: "The role does not allow it, or the page's security token is missing.",
    404: "There is no such object, or it is somebody else's.",
}


def describe_gate(document: dict[str, Any]) -> None:
    """Add to each operation its gate's answers and credentials, by its row in the policy table."""
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for methods in document["paths"].values():
        for operation in methods.values():
            rule = POLICY[operation["operationId"]]
            _add_answers(operation, rule)
            operation["security"] = _credentials(rule)


def _add_answers(operation: dict[str, Any], rule: Rule) -> None:
    answers = dict(_EVERYWHERE)
    if operation.get("parameters") or "requestBody" in operation:
        answers |= _CHECKED
    if not rule.public:
        answers |= _GATED
    elif "requestBody" in operation:
        answers[403] = _GATED[403]
    for status, says in answers.items():
        operation["responses"].setdefault(status, {"description": says, "content": _ENVELOPE})


def _credentials(rule: Rule) -> list[dict[str, list[str]]]:
    names = ["session", "sessionToken"]
    if rule.guest_token:
        names.append("orderToken")
    anybody: list[dict[str, list[str]]] = [{}] if rule.public else []
    return anybody + [{name: []} for name in names]
