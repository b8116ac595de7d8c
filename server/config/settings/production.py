"""Production: what the deployment's TLS end makes possible. Refuses to load when CODEPOP_ENV says otherwise."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403  settings modules extend one another this way
from config.settings.base import CODEPOP

if not CODEPOP.production:
    raise ImproperlyConfigured("config.settings.production needs CODEPOP_ENV=production.")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^ops/"]  # asked from inside, without the TLS end
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
