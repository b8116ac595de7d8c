"""No table may hold something about a person that finding, exporting and erasing do not know of."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from codepop.core.encryption import EncryptedTextField, SearchableEncryptedField
from codepop.core.personal import DataClass
from codepop.privacy.services import holders, rules

SPECIFIED = {
    DataClass.PASSWORD,
    DataClass.ADDRESS,
    DataClass.PAYMENT,
    DataClass.ORDER,
    DataClass.REVENUE,
    DataClass.MACHINE,
}


def _personal_fields() -> set[str]:
    """Every encrypted field, every link to an account, and columns whose name says what they hold."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            sealed = isinstance(field, EncryptedTextField | SearchableEncryptedField)
            link = isinstance(field, models.ForeignKey) and field.related_model is get_user_model()
            named = field.name in ("ip", "ip_address", "user_agent", "phone", "birthday", "email", "person_id")
            if sealed or link or named:
                found.add(f"{model._meta.label}.{field.name}")
    return found


def _known_fields() -> set[str]:
    known = {name for holder in holders() for name in holder.not_personal}
    for holder in holders():
        for place in holder.places:
            known |= {f"{place.table}.{name}" for name in (*place.fields, *place.links)}
    return known


@pytest.mark.req("D16", "DB-15", "SEC-14")
def test_every_personal_field_is_known_to_a_holder() -> None:
    unknown = sorted(_personal_fields() - _known_fields())
    assert unknown == [], (
        "Name these in the `personal.py` of their feature: in `fields` (exported), `links`, or `not_personal` with the"
        " reason; and say in `erase` how they go unless they go with the account (docs/privacy.md)."
    )


def test_every_place_names_a_table_and_its_fields() -> None:
    tables = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    for holder in holders():
        for place in holder.places:
            if place.table in tables:
                model = tables[place.table]
                assert [name for name in (*place.fields, *place.links) if not hasattr(model, name)] == [], place.table
            else:
                assert place.table == "core_cache"


def test_every_class_of_the_specification_that_is_stored_has_its_end() -> None:
    named = [rule.name for rule in rules()]
    assert len(named) == len(set(named))
    assert {rule.holds for rule in rules()} >= SPECIFIED


def test_nothing_stores_a_location_or_a_phones_address_yet() -> None:
    """Whoever adds such a table gives it a rule: 24 hours, and 60 days unseen (C22)."""
    words = ("latitude", "longitude", "fcm_token", "push_token")
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if any(word in field.name for word in words) and not model._meta.label.startswith("stores.")
    ]
    classes = {rule.holds for rule in rules()}
    assert not found or {DataClass.LOCATION, DataClass.DEVICE} & classes, found
