"""What was said to whom, without its content: the queue and the log of sending are the same rows."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from codepop.core.encryption import EncryptedTextField, SearchableEncryptedField
from codepop.core.models import Row
from codepop.notifications.kinds import RULES, Category, Channel, Flaw, Urgency

KINDS = [(kind.value, kind.value.replace("_", " ")) for kind in RULES]


class State(models.TextChoices):
    QUEUED = "queued", "waiting"
    SENDING = "sending", "being sent"
    SENT = "sent", "taken by the provider, or shown in the app"
    SKIPPED = "skipped", "not wanted, or nobody to send it to"
    DEAD = "dead", "given up"


OPEN = (State.QUEUED, State.SENDING)


class Message(Row):
    """One message to one person by one channel. `key` names what happened, so that it is said once.

    Content is made when it is sent, from the present state; the address is looked up then. Only a message to nobody
    we know carries its address, encrypted, until it is sent.
    """

    key = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=[(c.value, c.value) for c in Channel])
    kind = models.CharField(max_length=24, choices=KINDS)
    urgency = models.PositiveSmallIntegerField(choices=[(u.value, u.name.lower()) for u in Urgency])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    order_id = models.UUIDField(null=True)
    subject_id = models.CharField(max_length=40, default="", blank=True)
    """What else the letter is about: an address row of the person, a refund, a campaign, a store (for its staff)."""
    address = EncryptedTextField(default="", blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    """When it may be taken (again); while it is being sent, when it counts as abandoned."""
    attempted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, default="", blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "channel"], name="message_once_per_event"),
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "sending"]) | Q(next_try_at__isnull=False),
                name="message_open_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["urgency", "next_try_at"], condition=Q(state__in=["queued", "sending"]), name="message_due"
            ),
            models.Index(fields=["attempted_at"], condition=Q(attempted_at__isnull=False), name="message_attempted"),
            models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="message_of_order"),
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="message_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {self.state}"


class Choice(Row):
    """What a person decided about a category and channel. Never changed: the newest row holds, the older are proof."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=12, choices=[(c.value, c.value) for c in Category])
    channel = models.CharField(max_length=8, choices=[(c.value, c.value) for c in Channel])
    allowed = models.BooleanField()
    source = models.CharField(max_length=20)
    """Where it was said: `page`, `api`, `one_click`, `complaint`."""
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "category", "channel", "-at"], name="choice_newest")]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel}: {self.allowed}"


class FlawedAddress(Row):
    """An address that mail does not reach; nothing is sent to it until its person gives another."""

    email = SearchableEncryptedField(max_length=254, unique=True)
    flaw = models.CharField(max_length=12, choices=[(f.value, f.value) for f in Flaw])
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.id} {self.flaw}"


class Campaign(Row):
    """A mail to everybody who wants news: the only content that is stored, since it is about nobody."""

    subject = models.CharField(max_length=120)
    paragraphs = models.JSONField()
    started_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.subject
