"""The words for roles and scopes, apart from the tables so that every feature may use them."""

from django.db import models


class Role(models.TextChoices):
    """The roles that are granted. Guest is the absence of an account, customer that of any grant (C45)."""

    MANAGER = "manager", "Store manager"
    ADMIN = "admin", "Store admin"
    LOGISTICS = "logistics", "Logistics manager"
    REPAIR = "repair", "Repair staff"
    SUPER_ADMIN = "super_admin", "Super admin"


class ScopeKind(models.TextChoices):
    STORE = "store", "one store"
    REGION = "region", "all stores of a region"
    CHAIN = "chain", "the whole chain"
