"""Schemas that every feature's API shares."""

from ninja import Schema
from pydantic import BaseModel, ConfigDict


class ErrorDetail(Schema):
    code: str
    message: str
    fields: dict[str, str]


class ErrorOut(Schema):
    """The one envelope of every refusal: a code for machines, a sentence for people, what is wrong in which field."""

    error: ErrorDetail


class Input(BaseModel):
    """What a client sends: unknown fields are refused, so that nobody believes they had an effect.

    Pydantic's own model: Ninja's, made for reading rows, would validate each of these twice and wrap it first.
    """

    model_config = ConfigDict(extra="forbid")


class Empty(Input):
    """An empty object."""
