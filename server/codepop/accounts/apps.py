from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db.models import JSONField

from codepop.core.encryption import SearchableEncryptedField, cipher

SECOND_FACTORS = "mfa"
"""What ciphertexts in allauth's table of second factors are made for."""


class EncryptedEmailField(SearchableEncryptedField):
    """allauth's own e-mail column, encrypted: `EmailAddress` can't be swapped, so its field changes its class.

    It describes itself to migrations as the field it replaces, so that allauth's migrations stay as they are.
    """

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("purpose")
        return name, "django.db.models.EmailField", args, kwargs


class SealedNameField(JSONField):
    """allauth's own column of a second factor: the name that a person gave to a passkey is ciphertext in it.

    A name from before that is read as it is, and sealed when it is next written.
    """

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            value = {**value, "name": cipher().seal(value["name"], purpose=SECOND_FACTORS)}
        return super().get_db_prep_save(value, connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        if isinstance(found, dict) and str(found.get("name", "")).startswith("e1:"):
            found["name"] = cipher().open(found["name"], purpose=SECOND_FACTORS)
        return found

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class AccountsConfig(AppConfig):
    name = "codepop.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        field = apps.get_model("account", "EmailAddress")._meta.get_field("email")
        field.__class__ = EncryptedEmailField
        field.purpose = "email"
        apps.get_model("mfa", "Authenticator")._meta.get_field("data").__class__ = SealedNameField
        import_module("codepop.accounts.hooks")  # connects to signals; needs the models
