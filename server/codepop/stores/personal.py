"""Stores know nothing about people; some of their secrets are sealed like personal data."""

from codepop.core.personal import Holder

HOLDER = Holder(
    feature="stores",
    not_personal={"stores.Store.pickup_key": "the key of a store's door codes"},
)
