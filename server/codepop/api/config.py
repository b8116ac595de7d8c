"""What a client must know before it can start: the mode, public keys, and where live updates come from."""

from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from codepop.notifications.selectors import mail_is_delayed

router = Router(tags=["config"])


class StripeConfig(Schema):
    publishable_key: str
    script_url: str | None
    statement_text: str


class MailConfig(Schema):
    """`delayed` says that mail takes longer than people expect: tell those who wait for one."""

    delayed: bool


class ConfigOut(Schema):
    mode: Literal["sandbox", "live"]
    mail: MailConfig
    stripe: StripeConfig
    live_url: str
    min_version: str


@router.get("/config", operation_id="get_config", response=ConfigOut, summary="Public settings of this installation")
def get_config(request: HttpRequest, response: HttpResponse) -> ConfigOut:
    """Return only public values; in sandbox mode `script_url` is the script to load before Stripe.js."""
    response["Cache-Control"] = "no-cache"
    env = settings.CODEPOP
    script = f"{env.sandbox_url}/stripe/stripe.js" if env.stripe.mode == "sandbox" else None
    return ConfigOut(
        mode=env.mode,
        mail=MailConfig(delayed=mail_is_delayed()),
        stripe=StripeConfig(
            publishable_key=env.stripe.publishable_key, script_url=script, statement_text=env.stripe.statement_text
        ),
        live_url=env.live_url,
        min_version="1.0.0",
    )
