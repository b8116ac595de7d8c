"""The base of our tables; those that make "nothing accepted is lost, nothing happens twice" true; and what all
processes know together of the providers they call.
"""

from typing import Any

import pgtrigger
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


WAITING = (InboxState.NEW, InboxState.PARKED)


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
    """Not before this moment: the message is parked, its provider is away, or a worker has claimed it until then."""
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


class Alert(Row):
    """Something a person has to know of; written by `core.alerts`."""

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, default="", blank=True)
    says = models.CharField(max_length=300)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(closed_at=None), name="alert_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class ProviderState(models.Model):
    """A provider's circuit breaker, shared by all processes. Unlogged: after a crash of the database it begins closed.

    Open while `open_until` is set, also when that has passed: then one process at a time may probe, until
    `probe_until`.
    Calls and failures are counted from `window_at` on.
    """

    provider = models.CharField(max_length=20, primary_key=True)
    window_at = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)


class RateBudget(models.Model):
    """A bucket of requests for one operation of a provider; all processes take from it in blocks. Unlogged.

    `tokens` were there at `filled_at`; below zero after a 429, so that nobody sends before the provider said.
    """

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=40)
    tokens = models.FloatField()
    granted = models.PositiveIntegerField()
    filled_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "operation"], name="one_budget_per_operation")]


class Incident(Row):
    """A time in which a provider was taken to be away; written when its breaker opens, ended when it closes."""

    provider = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider"], condition=models.Q(closed_at=None), name="one_open_incident_per_provider"
            )
        ]


class SecretUse(models.Model):
    """When a secret was first seen and last used. Of the secret itself only a fingerprint is kept."""

    id = models.BigAutoField(primary_key=True)
    variable = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=12)
    first_seen_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    fallbacks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variable", "fingerprint"], name="secret_seen_once")]


class AuditEntry(models.Model):
    """What a person of the staff did by hand, and why. Written once: the database refuses to change it.

    The database also numbers and links it (migration 0006): `hash` covers the entry and the hash of the one before it
    in its chain, so a change, a gap or a row put in later shows (`./run audit verify`). What is given for `number`,
    `previous` and `hash` is overwritten.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=255)
    note = models.CharField(max_length=200, default="")
    chain = models.CharField(max_length=36, db_default="company", editable=False)
    """The id of the store or region it is about, which is also who may read it; else `company` or `accounts`."""
    number = models.BigIntegerField(db_default=0, editable=False)
    previous = models.BinaryField(max_length=32, db_default=b"", editable=False)
    hash = models.BinaryField(max_length=32, db_default=b"", editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_number_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"


class AuditHead(models.Model):
    """The end of each chain, kept by the database itself: the application may only read it."""

    chain = models.CharField(max_length=36, primary_key=True)
    number = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"
