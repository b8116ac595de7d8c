"""The base of our tables, and the two tables that make "nothing accepted is lost, nothing happens twice" true."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from codepop.core.encryption import EncryptedTextField
from codepop.kit.ids import uuid7


class Row(models.Model):
    """A table with a UUIDv7 key and the time of its first commit (database time)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class IdempotencyKey(models.Model):
    """One row for each (caller, key) that was answered: the fingerprint of what was asked, and the answer.

    The answer may hold a secret shown once (an order's token), so it is encrypted.
    """

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    answer = EncryptedTextField(default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_once_per_caller")]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.caller}:{self.key}"


class InboxState(models.TextChoices):
    NEW = "new", "waiting"
    DONE = "done", "applied"
    IGNORED = "ignored", "of no interest"
    PARKED = "parked", "waiting for our own row"
    QUARANTINED = "quarantined", "contradicts our books: a person must look"


class InboxMessage(models.Model):
    """A provider's message as it arrived and was verified; an operator can replay it."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=255, default="")
    happened_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=InboxState.choices, default=InboxState.NEW)
    attempts = models.PositiveIntegerField(default=0)
    note = models.TextField(default="")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    next_try_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="inbox_once_per_message")]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(state__in=["new", "parked"]), name="inbox_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.provider}:{self.external_id}"

    def facts(self) -> dict[str, Any]:
        """Return what logs may say of this message."""
        return {"provider": self.provider, "external_id": self.external_id, "kind": self.kind}
