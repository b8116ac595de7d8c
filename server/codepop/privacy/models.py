"""What people agreed to, what they asked for about their data, and who was erased (by ids that lead nowhere)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row
from codepop.privacy.purposes import OPTIONAL


class Consent(Row):
    """What a person said about a purpose. Never changed: the newest row holds, the older ones are proof."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=[(one.value, one.value) for one in OPTIONAL])
    version = models.PositiveSmallIntegerField()
    """Of the purpose, as it was shown to them."""
    given = models.BooleanField()
    source = models.CharField(max_length=20)
    """Where it was said: `api`, `page`, `one_click`, `complaint`, `profile`."""
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user", "purpose", "-at"], name="consent_newest"),
            models.Index(fields=["purpose", "user", "-at"], name="consent_of_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}: {self.given}"


class ExportState(models.TextChoices):
    ASKED = "asked", "being made"
    READY = "ready", "ready to be fetched"


class Export(Row):
    """Everything about a person as one file, for that person only, until it expires."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=6, choices=ExportState.choices, default=ExportState.ASKED)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    content = EncryptedTextField(default="", blank=True)
    """The zip file, base64."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(state="asked"), name="export_asked_once"),
        ]
        indexes = [models.Index(fields=["user", "-asked_at"], name="export_newest")]

    def __str__(self) -> str:
        return f"export {self.id}: {self.state}"


class ErasureState(models.TextChoices):
    ASKED = "asked", "asked for; may still be withdrawn"
    UNDER_WAY = "under_way", "the account is closed, providers are told"
    DONE = "done", "done"
    WITHDRAWN = "withdrawn", "withdrawn by the person"


OPEN_ERASURES = (ErasureState.ASKED, ErasureState.UNDER_WAY)


class Erasure(Row):
    """One erasure. Done, it is the tombstone: ids only, which lead to nobody, but find who comes back by a restore."""

    person_id = models.UUIDField(null=True)
    """The account, if there was one; no foreign key, since it outlives the account."""
    email = EncryptedTextField(default="", blank=True)
    """For somebody without an account; empty once it is done."""
    order_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    by = models.CharField(max_length=10)
    """Who asked: `person` or `operator`."""
    state = models.CharField(max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    waits_for = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"],
                condition=Q(state__in=["asked", "under_way"], person_id__isnull=False),
                name="erasure_open_once",
            ),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__isnull=False), name="erasure_done_is_dated"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["asked", "under_way"]), name="erasure_due"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.id}: {self.state}"
