"""Tables of the places: regions, hubs, stores, their hours, and the machines that stand in them."""

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from codepop.core.encryption import EncryptedTextField
from codepop.core.models import Row

MINUTES_PER_DAY = 1440
TOUCH_STORE = """
    UPDATE stores_store SET version = gen_random_uuid()
    WHERE id = (CASE TG_OP WHEN 'DELETE' THEN OLD.store_id ELSE NEW.store_id END);
    RETURN NULL;
"""


def touches_store() -> list[pgtrigger.Trigger]:
    """Every changed row gives its store a new version, so that no process goes on with an old picture of it."""
    return [
        pgtrigger.Trigger(
            name="touch_store",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            func=TOUCH_STORE,
        )
    ]


class Region(Row):
    """An area that one hub supplies first."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Hub(Row):
    """A warehouse that supplies its own region and helps others within reach."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    region = models.OneToOneField(Region, on_delete=models.PROTECT, related_name="hub")
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    lat = models.FloatField()
    lon = models.FloatField()
    timezone = models.CharField(max_length=40)
    reach_miles = models.PositiveIntegerField(default=1000)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="hub_coordinates_on_earth",
                condition=Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Store(Row):
    """One unstaffed shop. `timezone` is an IANA name; opening hours are wall-clock times in that zone."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    lat = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    lon = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    timezone = models.CharField(max_length=40)
    currency = models.CharField(max_length=3, default="usd", validators=[RegexValidator(r"^[a-z]{3}$")])
    tax_rate_bps = models.PositiveSmallIntegerField()
    pickup_key = EncryptedTextField()
    """Base64 of 32 random bytes; signs this store's pickup codes."""
    accepting_orders = models.BooleanField(default=True)
    pause_reason = models.CharField(max_length=120, blank=True, default="")
    position = models.PositiveIntegerField(default=1000)
    """Order in lists that are sorted by neither distance nor text."""
    version = models.UUIDField(db_default=RandomUUID(), editable=False)
    """Another one after each change of the store, its hours or robots (triggers); random, so never used twice."""
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="stores")
    hub = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="stores")

    class Meta:
        ordering = ["position", "name"]
        triggers = [
            pgtrigger.Trigger(
                name="renew_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="NEW.version = gen_random_uuid(); RETURN NEW;",
            )
        ]
        indexes = [models.Index(fields=["lat", "lon"], name="store_lat_lon")]
        constraints = [
            models.CheckConstraint(
                name="store_coordinates_on_earth",
                condition=Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
            ),
            models.CheckConstraint(name="store_tax_below_half", condition=Q(tax_rate_bps__lt=5000)),
            models.CheckConstraint(
                name="store_pause_has_reason", condition=Q(accepting_orders=True) | ~Q(pause_reason="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(Row):
    """One interval of a weekday (0 = Monday), in minutes after that day's midnight on the wall clock.

    `closes_minute` above 1440 means after midnight; 0 to 1440 is the whole day.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "opens_minute"]
        triggers = touches_store()
        constraints = [
            models.UniqueConstraint(fields=["store", "weekday", "opens_minute"], name="one_opening_per_minute"),
            models.CheckConstraint(name="opening_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="opening_interval",
                condition=Q(
                    opens_minute__lt=MINUTES_PER_DAY,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + MINUTES_PER_DAY,
                ),
            ),
        ]


class SpecialDay(Row):
    """Hours of one date that replace the weekday's; both minutes empty means closed all day."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="special_days")
    date = models.DateField()
    opens_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    closes_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ["date", "opens_minute"]
        triggers = touches_store()
        constraints = [
            models.UniqueConstraint(
                fields=["store", "date", "opens_minute"], name="one_special_opening", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="special_interval",
                condition=Q(opens_minute__isnull=True, closes_minute__isnull=True)
                | Q(
                    opens_minute__lt=MINUTES_PER_DAY,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=F("opens_minute") + MINUTES_PER_DAY,
                ),
            ),
        ]


class RobotStatus(models.TextChoices):
    """What a machine says about itself; the comment is what it asks of people."""

    NORMAL = "normal", "normal"  # nothing to do
    REPAIR_START = "repair_start", "being repaired"  # out of service while somebody works on it
    REPAIR_END = "repair_end", "repaired"  # back in service, watched for a day
    WARNING = "warning", "warning"  # keeps working, look at it on the next visit
    ERROR = "error", "error"  # keeps working, needs service within a week
    OUT_OF_ORDER = "out_of_order", "out of order"  # makes nothing, needs service now
    SCHEDULE_SERVICE = "schedule_service", "service due"  # needs service within a month


WORKING_ROBOT_STATUSES = (
    RobotStatus.NORMAL,
    RobotStatus.REPAIR_END,
    RobotStatus.WARNING,
    RobotStatus.ERROR,
    RobotStatus.SCHEDULE_SERVICE,
)


class Robot(Row):
    """A machine that makes drinks, one at a time."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="robots")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    status = models.CharField(max_length=20, choices=RobotStatus.choices, default=RobotStatus.NORMAL)
    status_since = models.DateTimeField(null=True, blank=True)
    seconds_per_drink = models.PositiveSmallIntegerField(default=45)
    """What an average drink takes; used for promises, never for control."""

    class Meta:
        ordering = ["store", "number"]
        triggers = touches_store()
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="one_robot_per_number"),
            models.CheckConstraint(name="robot_status_known", condition=Q(status__in=RobotStatus.values)),
            models.CheckConstraint(name="robot_speed_positive", condition=Q(seconds_per_drink__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class DoorStatus(models.TextChoices):
    """Whether a cooler door can be given to an order."""

    WORKING = "working", "working"
    OUT_OF_ORDER = "out_of_order", "out of order"


class CoolerDoor(Row):
    """One locked compartment; which order stands behind it is kept by fulfilment."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="doors")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=DoorStatus.choices, default=DoorStatus.WORKING)

    class Meta:
        ordering = ["store", "number"]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="one_door_per_number"),
            models.CheckConstraint(name="door_status_known", condition=Q(status__in=DoorStatus.values)),
        ]

    def __str__(self) -> str:
        return f"door {self.number}"


class DeviceKind(models.TextChoices):
    """Who may speak the device API."""

    ROBOT = "robot", "robot"
    DOOR_CONTROLLER = "door_controller", "door controller"


class Device(Row):
    """A machine's identity towards the platform. Only the SHA-256 of its key is kept."""

    kind = models.CharField(max_length=20, choices=DeviceKind.choices)
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="devices")
    robot = models.OneToOneField(Robot, on_delete=models.PROTECT, null=True, blank=True, related_name="device")
    name = models.CharField(max_length=60)
    key_hash = models.CharField(max_length=64)
    active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["store", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="one_device_per_name"),
            models.CheckConstraint(
                name="device_robot_by_kind",
                condition=Q(kind=DeviceKind.ROBOT, robot__isnull=False)
                | Q(kind=DeviceKind.DOOR_CONTROLLER, robot__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
