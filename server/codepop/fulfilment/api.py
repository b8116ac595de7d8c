"""Opening a cooler door from the customer's own screen."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from codepop.accounts.access import require
from codepop.core.idempotency import Answer, idempotent_call, run_once
from codepop.core.schemas import ErrorOut
from codepop.fulfilment import services
from codepop.fulfilment.schemas import OpenDoorIn
from codepop.ordering import selectors as orders

router = Router(tags=["orders"])
