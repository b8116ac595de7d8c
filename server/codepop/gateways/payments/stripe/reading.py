"""Small readings that several of Stripe's objects need."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

PAGE = 100
"""Objects a page of a list: the most that Stripe gives."""


def id_of(link: Any) -> str:
    """Return the id of an object that Stripe gives as an id, as a whole object, or not at all."""
    if isinstance(link, Mapping):
        return str(link["id"])
    return link if isinstance(link, str) else (link.id if link else "")


def metadata_id(metadata: Any, name: str) -> UUID | None:
    """Return the id of ours that an object carries under a name, if it does."""
    try:
        return UUID(metadata[name]) if metadata else None
    except (KeyError, ValueError, TypeError):
        return None


def unix(at: datetime) -> int:
    """Return a time for `created` filters. Stripe's clock may differ from ours: look a little further back."""
    return int((at - timedelta(minutes=10)).timestamp())
