from typing import Any

from django.apps import AppConfig, apps

from codepop.core.encryption import SearchableEncryptedField


class EncryptedEmailField(SearchableEncryptedField):
    """allauth's own e-mail column, encrypted: `EmailAddress` can't be swapped, so its field changes its class.

    It describes itself to migrations as the field it replaces, so that allauth's migrations stay as they are.
    """

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("purpose")
        return name, "django.db.models.EmailField", args, kwargs


class AccountsConfig(AppConfig):
    name = "codepop.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        field = apps.get_model("account", "EmailAddress")._meta.get_field("email")
        field.__class__ = EncryptedEmailField
        field.purpose = "email"
