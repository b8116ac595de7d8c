"""Letters about a person's own data."""

from django.utils.translation import gettext as _

from codepop.notifications.letters import Letter


def export_ready(*, url: str) -> Letter:
    return Letter(
        subject=_("Your data are ready"),
        headline=_("Your data are ready"),
        paragraphs=[
            _("You asked for everything we know about you. Sign in to fetch the file: it is there for a week.")
        ],
        link=(_("Open my account"), url),
        closing=[_("If this was not you, choose a new password at once: somebody else may be using your account.")],
    )


def erasure_asked(*, url: str) -> Letter:
    return Letter(
        subject=_("Your account will be erased in a week"),
        headline=_("Your account will be erased in a week"),
        paragraphs=[
            _("You asked us to erase your account and everything that leads to you. We do so in seven days."),
            _("An order that is being made, or money on its way to you, ends first."),
            _("Until then you can change your mind in your account, under Privacy."),
        ],
        link=(_("Keep my account"), url),
        closing=[_("If this was not you, keep your account and choose a new password at once.")],
    )


def erasure_begun(*, url: str) -> Letter:
    return Letter(
        subject=_("We are erasing your data"),
        headline=_("We are erasing your data"),
        paragraphs=[
            _("We are erasing everything that leads to you, here and at our payment provider."),
            _("What tax law wants stays: amounts and dates of your orders, without your name or address."),
            _("This is our last mail to you. Thank you for having been our guest."),
        ],
        link=(_("What we keep, and why"), url),
    )
