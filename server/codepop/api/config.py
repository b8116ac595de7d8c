"""What a client must know before it can start: the mode, public keys, and where live updates come from."""

from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

router = Router(tags=["config"])


class StripeConfig(Schema):
    publishable_key: str
    script_url: str | None
    statement_text: str


class ConfigOut(Schema):
    mode: Literal["sandbox", "live"]
    stripe: StripeConfig
    live_url: str
    min_version: str


@router.get("/config", operation_id="get_config", response=ConfigOut, summary="Public settings of this installation")
def get_config(request: HttpRequest) -> ConfigOut:
    """Return only public values; in sandbox mode `script_url` is the script to load before Stripe.js."""
    env = settings.CODEPOP
    script = f"{env.sandbox_url}/stripe/stripe.js" if env.stripe.mode == "sandbox" else None
    return ConfigOut(
        mode=env.mode,
        stripe=StripeConfig(
            publishable_key=env.stripe.publishable_key, script_url=script, statement_text=env.stripe.statement_text
        ),
        live_url=env.live_url,
        min_version="1.0.0",
    )
