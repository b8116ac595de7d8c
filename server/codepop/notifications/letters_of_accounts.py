"""Letters about an account. None holds a password, none says more of a person than they told us themselves."""

from django.utils.translation import gettext as _

from codepop.notifications.letters import Letter

_NOT_YOU = "If this was not you, you can leave it at that: nothing happens without this link."


def verify_address(*, url: str) -> Letter:
    return Letter(
        subject=_("Confirm your e-mail address"),
        headline=_("One tap, and your account is ready"),
        paragraphs=[_("Please confirm that this address is yours. The link works once, and for 24 hours.")],
        link=(_("Confirm this address"), url),
        closing=[_(_NOT_YOU)],
    )


def account_exists(*, url: str) -> Letter:
    return Letter(
        subject=_("You already have an account"),
        headline=_("You already have an account"),
        paragraphs=[
            _("Somebody, most likely you, wanted to sign up with this address. It already belongs to an account."),
            _("Sign in as usual. If you don't know your password any more, choose a new one."),
        ],
        link=(_("Choose a new password"), url),
        closing=[_("If this was not you, you don't have to do anything. Nobody was told that you have an account.")],
    )


def no_account(*, url: str) -> Letter:
    return Letter(
        subject=_("There is no account with this address"),
        headline=_("There is no account with this address"),
        paragraphs=[
            _("Somebody, most likely you, asked for a new password for this address. It belongs to no account."),
            _("Perhaps you signed up with another address. You can also make a new account."),
        ],
        link=(_("Make an account"), url),
        closing=[_("If this was not you, you don't have to do anything.")],
    )


def reset_password(*, url: str) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        headline=_("Choose a new password"),
        paragraphs=[_("You asked for a new password. The link works once, and for 24 hours.")],
        link=(_("Choose a new password"), url),
        closing=[_(_NOT_YOU)],
    )


def password_changed(*, url: str) -> Letter:
    return Letter(
        subject=_("Your password was changed"),
        headline=_("Your password was changed"),
        paragraphs=[_("The password of your account has just been changed.")],
        link=(_("This was not me: choose a new password"), url),
        closing=[_("If this was you, you don't have to do anything.")],
    )


def address_change_asked(*, url: str) -> Letter:
    return Letter(
        subject=_("Your e-mail address is being changed"),
        headline=_("Your e-mail address is being changed"),
        paragraphs=[
            _("Somebody who is signed in to your account wants to use another e-mail address for it."),
            _("This address stays in use until the new one is confirmed."),
        ],
        link=(_("This was not me: choose a new password"), url),
        closing=[_("If this was you, you don't have to do anything here. Confirm the new address.")],
    )


def address_changed(*, url: str) -> Letter:
    return Letter(
        subject=_("Your e-mail address was changed"),
        headline=_("Your e-mail address was changed"),
        paragraphs=[_("Your account uses another e-mail address from now on. We will not write to this one again.")],
        link=(_("Help with your account"), url),
        closing=[_("If this was not you, ask for help at once: somebody else may be using your account.")],
    )


def security_changed(*, url: str) -> Letter:
    return Letter(
        subject=_("How you sign in was changed"),
        headline=_("How you sign in was changed"),
        paragraphs=[_("A second step of signing in to your account was added, changed or removed.")],
        link=(_("This was not me: choose a new password"), url),
        closing=[_("If this was you, you don't have to do anything.")],
    )


def staff_invited(*, url: str) -> Letter:
    return Letter(
        subject=_("You can use CodePop's staff pages"),
        headline=_("Welcome to the staff"),
        paragraphs=[
            _("Somebody who manages a CodePop store has given you a role in it."),
            _("If you have no password yet, choose one. The link works once, and for 24 hours."),
            _("Then sign in to the staff pages with this address."),
        ],
        link=(_("Choose a password"), url),
        closing=[
            _("If you did not expect this, leave it at that and tell the store: nothing happens without the link.")
        ],
    )


def account_locked(*, url: str) -> Letter:
    return Letter(
        subject=_("Somebody could not sign in to your account"),
        headline=_("Too many wrong passwords"),
        paragraphs=[
            _("Somebody, perhaps you, typed a wrong password several times, so we stopped sign-in for a while."),
            _("You need not wait: choose a new password, and you can sign in at once."),
        ],
        link=(_("Choose a new password"), url),
        closing=[_("If this was not you, your account is safe. Nobody got in.")],
    )
