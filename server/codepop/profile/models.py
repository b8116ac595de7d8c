"""A person's tastes, health notes and favourites. All that says something about the person is ciphertext."""

from django.conf import settings
from django.db import models

from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row


class Tastes(Row):
    """What a person likes in a drink, as JSON of `documents.Preferences`; and whether the tutorial is behind them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    document = EncryptedTextField(default="")
    tutorial_done_at = models.DateTimeField(null=True)


class HealthNotes(Row):
    """Allergies and diet, as JSON of `documents.Health`: apart from all else, only with the person's explicit yes.

    The yes is the consent to `privacy.purposes.Purpose.ALLERGIES`: without it nothing is here.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    document = EncryptedTextField(default="")


class Favourite(Row):
    """A drink that a person keeps: a cart line without its quantity. The same drink is kept once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = EncryptedTextField(default="", blank=True)
    drink_id = models.UUIDField(null=True)
    size = models.CharField(max_length=12)
    recipe = models.JSONField()
    digest = models.BinaryField(max_length=32)
    """SHA-256 of what it is made of."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="favourite_once")]
