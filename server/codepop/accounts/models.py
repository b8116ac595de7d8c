"""People and their grants. The e-mail address is ciphertext from the first migration on (design section 9)."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from codepop.accounts.roles import Role, ScopeKind
from codepop.core.encryption import EncryptedTextField, SearchableEncryptedField
from codepop.core.models import Row
from codepop.kit.ids import uuid7

EMAIL_MAX_LENGTH = 160
"""Longest address we take: its ciphertext then fits allauth's column of 254 characters."""


class UserManager(BaseUserManager):  # type: ignore[type-arg]  # generic only in the stubs
    """What Django and allauth need to make a person; our own code calls `accounts.services`."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Store a person with a hashed password, or with none that works when `password` is None."""
        user: User = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Refuse: the role super admin is granted by `accounts.services.grant_role`, and leaves a trace."""
        raise NotImplementedError("make a user, then grant the role: manage.py grant_role EMAIL super_admin")


class User(AbstractBaseUser):
    """A person with an account. `get_hint` shows enough of the address to recognise one's own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = SearchableEncryptedField(max_length=254, unique=True)
    name = EncryptedTextField(default="", blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return str(self.id)

    def email_hint(self) -> str:
        """Return `c…r@example.com`: the first and last letter of the local part, and the domain."""
        local, _, domain = self.email.partition("@")
        return f"{local[:1]}…{local[-1:]}@{domain}" if len(local) > 1 else f"…@{domain}"


class RoleGrant(Row):
    """A role held on a scope; `scope_id` is a store's or region's id, and null only for the whole chain."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=12, choices=Role.choices)
    scope_kind = models.CharField(max_length=6, choices=ScopeKind.choices)
    scope_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope_kind", "scope_id"], nulls_distinct=False, name="grant_once"
            ),
            models.CheckConstraint(
                condition=models.Q(scope_kind="chain", scope_id__isnull=True)
                | (~models.Q(scope_kind="chain") & models.Q(scope_id__isnull=False)),
                name="grant_scope_is_named",
            ),
        ]


class GuardKind(models.TextChoices):
    ACCOUNT = "account", "tries at one address"
    NETWORK = "network", "tries from one network address"


class SignInGuard(models.Model):
    """Failed tries to sign in, counted for an account's address and for a network address, known or not.

    Neither address is kept, only a keyed hash of it. Whoever signs in completely clears their account's row.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=7, choices=GuardKind.choices)
    fingerprint = models.BinaryField(max_length=32, unique=True)
    tries = models.PositiveIntegerField()
    last_try_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    needs_unlock = models.BooleanField(default=False)
    """So many tries that only a person, or a mail to the address, opens it again."""

    class Meta:
        indexes = [models.Index(fields=["last_try_at"])]


class SignIn(Row):
    """One device that is signed in: the session behind it, in words that its person recognises."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="sign_ins")
    session = models.OneToOneField(
        "sessions.Session", on_delete=models.DO_NOTHING, db_constraint=False, related_name="sign_in"
    )
    """However the session's row goes, this one goes with it: the migration's constraint says ON DELETE CASCADE."""
    client = models.CharField(max_length=7)
    """`browser`, `app` or `staff`."""
    device = models.CharField(max_length=60)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"])]


class AddressWish(models.Model):
    """That an account asks for another address, not confirmed yet: it may be anybody's, so it stays for a day only."""

    address = models.OneToOneField(
        "account.EmailAddress",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="wish",
    )
    """However the address goes, this row goes with it: the migration's constraint says ON DELETE CASCADE."""
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["asked_at"])]
