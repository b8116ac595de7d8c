"""The Content-Security-Policy: one for everything, one for the single page that takes payments.

No script and no style sheet of any page is inline. The customer app is the one page that loads Stripe's script;
Stripe's hosts are those its documentation names, and in sandbox mode the sandbox stands in their place. There may be
style *attributes*, which Stripe's script gives its frames: they reach no element but their own.
"""

from typing import Final

from config.env import Env

OWN: Final = "'self'"
EMPTY_STYLE: Final = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The hash of nothing: the page's one style element is empty, and the app's libraries add their rules by script."""


def content_security_policy(env: Env) -> str:
    """Return the policy of every answer that brings none of its own: our files, and nothing from anywhere else."""
    return _text(_directives(env))


def payment_page_policy(env: Env) -> str:
    """Return the policy of the customer app's page, with what the payment provider's script needs."""
    if env.stripe.mode == "sandbox":
        scripts, frames, apis = [env.sandbox_url], [env.sandbox_url], [env.sandbox_url]
    else:
        scripts = ["https://js.stripe.com", "https://*.js.stripe.com"]
        frames = [*scripts, "https://hooks.stripe.com"]
        apis = ["https://api.stripe.com"]
    directives = _directives(env)
    directives["script-src"] += scripts
    directives["style-src"] += [EMPTY_STYLE]
    directives["style-src-attr"] = ["'unsafe-inline'"]
    directives["img-src"] += ["blob:"]
    directives["connect-src"] += apis
    directives["frame-src"] = frames
    return _text(directives)


def _directives(env: Env) -> dict[str, list[str]]:
    return {
        "default-src": [OWN],
        "script-src": [OWN],
        "style-src": [OWN],
        "img-src": [OWN, "data:"],
        "font-src": [OWN],
        "connect-src": [OWN, env.live_url],
        "frame-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [OWN],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }


def _text(directives: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {' '.join(dict.fromkeys(sources))}" for name, sources in directives.items())
