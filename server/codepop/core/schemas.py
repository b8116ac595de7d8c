"""Schemas that every feature's API shares."""

from ninja import Schema


class ErrorDetail(Schema):
    code: str
    message: str
    fields: dict[str, str]


class ErrorOut(Schema):
    """The one envelope of every refusal: a code for machines, a sentence for people, what is wrong in which field."""

    error: ErrorDetail
