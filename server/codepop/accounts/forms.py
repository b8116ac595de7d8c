"""What our sign-up adds to allauth's, on both clients."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest

from codepop.accounts.models import User
from codepop.core.card_guard import HINT
from codepop.kit.card_numbers import holds_one


class SignUpForm(forms.Form):
    """Asks, if one likes, for a name, and holds the password against address and name as well."""

    name = forms.RegexField(regex=r"^[^\x00-\x1f\x7f]*$", max_length=80, required=False)

    def clean_name(self) -> str:
        """Refuse a card number, as every other field does."""
        name = str(self.cleaned_data["name"])
        if holds_one(name):
            raise forms.ValidationError(HINT)
        return name

    def clean(self) -> dict[str, Any] | None:
        """Judge the password again, now that it is known whose it is to be."""
        cleaned = super().clean()
        password = self.cleaned_data.get("password")
        if password:
            person = User(email=self.cleaned_data.get("email") or "", name=self.cleaned_data.get("name") or "")
            try:
                get_adapter().clean_password(password, user=person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name; allauth has just stored the rest."""
        if name := self.cleaned_data.get("name"):
            user.name = name
            user.save(update_fields=["name"])
