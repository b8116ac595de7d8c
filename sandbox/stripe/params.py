"""Reading Stripe's form-encoded parameters: brackets into nested values, then each value by the schema of its
operation.

A schema names the parameters an operation takes, those that Stripe takes and the sandbox doesn't (refused with words
that say so), and the required ones. Tests compare the names with the official SDK's parameter lists.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid, missing_parameter, not_built, unknown_parameters

Reader = Callable[[Any, str], Any]
BRACKETS = re.compile(r"\[([^\]]*)\]")
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


def parse_form(encoded: str) -> dict[str, Any]:
    """Nest `a[b][]=1` style parameters: dictionaries throughout; an empty bracket counts up from "0"."""
    result: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, bracket, rest = name.partition("[")
        parts = [head, *BRACKETS.findall(bracket + rest)]
        place: dict[str, Any] = result
        for part in parts[:-1]:
            key = part if part else str(len(place))
            inner = place.get(key)
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        place[parts[-1] if parts[-1] else str(len(place))] = value
    return result


@dataclass(frozen=True)
class Schema:
    """The parameters of one operation. `unsupported` are real at Stripe and not built here."""

    fields: Mapping[str, Reader] = field(default_factory=dict)
    required: Sequence[str] = ()
    unsupported: frozenset[str] = frozenset()

    def read(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The values by name, converted. Raises StripeError for anything Stripe would refuse."""
        unknown = [name for name in raw if name not in self.fields and name != "expand"]
        for name in unknown:
            if name in self.unsupported:
                raise not_built(name)
        if unknown:
            raise unknown_parameters(unknown)
        for name in self.required:
            if name not in raw:
                raise missing_parameter(name)
        values = {name: self.fields[name](value, name) for name, value in raw.items() if name != "expand"}
        values["expand"] = _read_expand(raw.get("expand", {}))
        return values


def schema(required: Sequence[str] = (), unsupported: str = "", **fields: Reader) -> Schema:
    """A schema from keyword arguments; `unsupported` is a list separated by spaces."""
    return Schema(fields=fields, required=required, unsupported=frozenset(unsupported.split()))


def _read_expand(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(path) for path in value.values()]
    raise invalid("Invalid array", param="expand")


def text(maximum: int = 5000, clearable: bool = True) -> Reader:
    """A string; the empty one unsets the value (None) where that is allowed."""

    def read(value: Any, name: str) -> str | None:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", param=name)
        if value == "":
            if clearable:
                return None
            raise _empty(name)
        if len(value) > maximum:
            message = f"Invalid string: {value[:10]}...; must be at most {maximum} characters"
            raise invalid(message, code="parameter_invalid_string_length", param=name)
        return value

    return read


def _empty(name: str) -> Exception:
    message = (
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter;"
        f" however '{name}' cannot be"
        f" unset. You should remove '{name}' from your request or supply a non-empty value."
    )
    return invalid(message, code="parameter_invalid_empty", param=name)


def integer(minimum: int | None = None, maximum: int | None = None) -> Reader:
    def read(value: Any, name: str) -> int:
        if value == "":
            raise _empty(name)
        if not isinstance(value, str) or not re.fullmatch(r"[+-]?\d{1,18}", value):
            raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        number = int(value)
        if minimum is not None and number < minimum:
            message = f"This value must be greater than or equal to {minimum}."
            raise invalid(message, code="parameter_invalid_integer", param=name)
        if maximum is not None and number > maximum:
            raise invalid(
                f"This value must be less than or equal to {maximum}.", code="parameter_invalid_integer", param=name
            )
        return number

    return read


def flag() -> Reader:
    def read(value: Any, name: str) -> bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param=name)
        return bool(value == "true")

    return read


def flag_or_word(*words: str) -> Reader:
    """A boolean that also takes certain words, such as off_session=recurring."""

    def read(value: Any, name: str) -> Any:
        return value if value in words else flag()(value, name)

    return read


def choice(*words: str, clearable: bool = False) -> Reader:
    def read(value: Any, name: str) -> str | None:
        if value == "" and clearable:
            return None
        if value not in words:
            listed = " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
            raise invalid(f"Invalid {name}: must be one of {listed}", param=name)
        return str(value)

    return read


def metadata(value: Any, name: str) -> dict[str, str] | None:
    """Up to 50 keys of 40 characters with values of 500; an empty value removes its key, an empty string for the
    whole removes all (None).
    """
    if value == "":
        return None
    if not isinstance(value, dict):
        raise invalid("Invalid object", param=name)
    for key, text_value in value.items():
        where = f"{name}[{key}]"
        if not isinstance(text_value, str):
            message = f"Metadata values must be strings, but for key '{key}' you passed in a value of type object"
            raise invalid(message, param=where)
        if len(key) > METADATA_KEY_LENGTH:
            raise invalid(
                f"Metadata keys must be at most {METADATA_KEY_LENGTH} characters; '{key[:20]}...' has {len(key)}",
                param=where,
            )
        if len(text_value) > METADATA_VALUE_LENGTH:
            message = (
                f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a value"
                f" that is {len(text_value)} characters"
            )
            raise invalid(message, param=where)
    if len(value) > METADATA_KEYS:
        raise invalid(f"Metadata can have up to {METADATA_KEYS} keys, but you passed in {len(value)} keys", param=name)
    return value


def merge_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """The metadata after an update: named keys change, empty values remove, None removes all."""
    if new is None:
        return {}
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def unbuilt(value: Any, name: str) -> Any:
    """A part of a parameter that Stripe knows and the sandbox doesn't."""
    raise not_built(name)


def array(of: Reader) -> Reader:
    def read(value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise invalid("Invalid array", param=name)
        return [of(item, f"{name}[{key}]") for key, item in value.items()]

    return read


def group(required: Sequence[str] = (), clearable: bool = False, **fields: Reader) -> Reader:
    """A nested object with known parts."""

    def read(value: Any, name: str) -> dict[str, Any] | None:
        if value == "" and clearable:
            return None
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=name)
        unknown = [f"{name}[{key}]" for key in value if key not in fields]
        if unknown:
            raise unknown_parameters(unknown)
        for key in required:
            if key not in value:
                raise missing_parameter(f"{name}[{key}]")
        return {key: fields[key](item, f"{name}[{key}]") for key, item in value.items()}

    return read


def span(value: Any, name: str) -> dict[str, int]:
    """A filter on a time: one moment, or any of gt, gte, lt, lte. Always returned as bounds."""
    if isinstance(value, str):
        moment = integer()(value, name)
        return {"gte": moment, "lte": moment}
    bounds = group(gt=integer(), gte=integer(), lt=integer(), lte=integer())(value, name)
    return dict(bounds)


def within(moment: int, bounds: dict[str, int] | None) -> bool:
    """Whether a time lies within a `span`."""
    if not bounds:
        return True
    return (
        moment > bounds.get("gt", moment - 1)
        and moment >= bounds.get("gte", moment)
        and moment < bounds.get("lt", moment + 1)
        and moment <= bounds.get("lte", moment)
    )


ADDRESS = group(
    clearable=True, city=text(), country=text(), line1=text(), line2=text(), postal_code=text(), state=text()
)
SHIPPING = group(clearable=True, address=ADDRESS, carrier=text(), name=text(), phone=text(), tracking_number=text())
PAGE: dict[str, Any] = {"limit": integer(1, 100), "starting_after": text(), "ending_before": text()}
