"""allauth's settings: sign-in for web (sessions) and for the app (X-Session-Token), by e-mail and password."""

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Argon2id for all; a hash of the older kind, from an import, still signs in and is made anew by that (C21).
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "codepop.accounts.passwords.MixedPasswordValidator"},
    {"NAME": "codepop.accounts.passwords.OurWordsValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "codepop.accounts.forms.SignUpForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # for what changes how one signs in
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
# Beside the address of the network: per account or address, in the cache that all processes share.
ACCOUNT_RATE_LIMITS = {
    "confirm_email": "1/m/key,30/m/ip",
    "reset_password": "20/m/ip,5/h/key",
    "signup": "20/m/ip",
    "login": "30/m/ip",
    "login_failed": "5/5m/key",  # of second factors; passwords are counted by accounts/services/locks.py
}
ACCOUNT_ADAPTER = "codepop.accounts.adapter.AccountAdapter"
# JSON of other packages that holds our ciphertexts: table -> (column, purpose). A change of keys rewrites them, too.
SEALED_JSON = {"mfa.Authenticator": ("data", "mfa")}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "CodePop"
# A code holds for its own 30 seconds only: allauth remembers a used one for just as long, so none is taken twice.
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "codepop.accounts.adapter.MfaAdapter"
HEADLESS_ONLY = True
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/account/verify/{key}",
    "account_reset_password": "/account/reset",
    "account_reset_password_from_key": "/account/reset/{key}",
    "account_signup": "/account/sign-up",
}
LOGIN_URL = "/staff/sign-in"
