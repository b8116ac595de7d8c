"""The Content-Security-Policy of every page.

react-native-web and Stripe.js insert style elements at run time, so styles allow 'unsafe-inline'; scripts never do.
Stripe's own hosts are those its documentation names for Stripe.js; in sandbox mode the sandbox stands in their place.
"""

from typing import Any

from config.env import Env


def content_security_policy(env: Env) -> dict[str, Any]:
    """Return django-csp's setting for this environment's providers."""
    if env.stripe.mode == "sandbox":
        scripts, frames, apis = [env.sandbox_url], [env.sandbox_url], [env.sandbox_url]
    else:
        scripts = ["https://js.stripe.com", "https://*.js.stripe.com"]
        frames = [*scripts, "https://hooks.stripe.com"]
        apis = ["https://api.stripe.com"]
    own = "'self'"
    return {
        "DIRECTIVES": {
            "default-src": [own],
            "script-src": [own, *scripts],
            "style-src": [own, "'unsafe-inline'"],
            "img-src": [own, "data:", "blob:"],
            "font-src": [own],
            "connect-src": [own, env.live_url, *apis],
            "frame-src": frames,
            "frame-ancestors": ["'none'"],
            "form-action": [own],
            "base-uri": ["'none'"],
            "object-src": ["'none'"],
        }
    }
