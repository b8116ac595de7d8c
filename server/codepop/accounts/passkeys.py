"""What we add to allauth's way of keeping passkeys: their names are ours to look after, and nothing else is kept.

A passkey is named by its person ("Ada's phone") and comes as JSON of the browser's making; allauth stores both as they
are. Here a name is sealed in the database, holds no card number, and of the JSON only what signing in needs stays.
"""

from typing import Any, Final

from allauth.headless.constants import Client
from allauth.headless.mfa.inputs import AddWebAuthnInput, DeleteWebAuthnInput, UpdateWebAuthnInput
from allauth.headless.mfa.views import ManageWebAuthnView
from django import forms
from django.urls import path

from codepop.core.card_guard import HINT
from codepop.kit.card_numbers import holds_one, without

NAME_MAX_LENGTH: Final = 100


class AddPasskey(AddWebAuthnInput):  # type: ignore[misc]  # allauth ships no types
    """A new passkey. Its name is cut to size and never refused: the phone has made the passkey already."""

    def clean_name(self) -> str:
        """Take out what may be a card number, and what no line of text holds."""
        name = "".join(sign for sign in str(super().clean_name()) if sign.isprintable())
        return without(name)[:NAME_MAX_LENGTH]

    def clean(self) -> dict[str, Any]:
        """Keep of a credential that was proved only what signing in needs."""
        cleaned: dict[str, Any] = super().clean()
        if credential := cleaned.get("credential"):
            cleaned["credential"] = _needed(credential)
        return cleaned


class RenamePasskey(UpdateWebAuthnInput):  # type: ignore[misc]
    """Another name for a passkey."""

    def clean_name(self) -> str:
        """Refuse a card number, as every other field does."""
        name = str(self.cleaned_data["name"])
        if holds_one(name):
            raise forms.ValidationError(HINT)
        return name


class ManagePasskeys(ManageWebAuthnView):  # type: ignore[misc]
    """allauth's own operations, with our inputs."""

    input_class = {"POST": AddPasskey, "PUT": RenamePasskey, "DELETE": DeleteWebAuthnInput}


def _needed(credential: dict[str, Any]) -> dict[str, Any]:
    response = credential["response"]
    properties = _object(_object(credential.get("clientExtensionResults")).get("credProps"))
    return {
        **{name: credential[name] for name in ("id", "rawId") if name in credential},
        "type": "public-key",
        "response": {name: response[name] for name in ("clientDataJSON", "attestationObject")},
        "clientExtensionResults": {"credProps": {"rk": properties.get("rk") is True}},
    }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


urlpatterns = [
    path(
        f"{client.value}/v1/account/authenticators/webauthn",
        ManagePasskeys.as_api_view(client=client),
        name=f"{client.value}_passkeys",
    )
    for client in (Client.BROWSER, Client.APP)
]
