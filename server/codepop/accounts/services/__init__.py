"""Commands on people: accounts, roles and who gives them, mail, locks, second factors, devices and sessions."""

from codepop.accounts.services.factors import drop_factors, give_totp
from codepop.accounts.services.letters import (
    confirm_address,
    forget_wishes,
    note_wish,
    resend_verification,
    want_mail,
)
from codepop.accounts.services.locks import (
    count_try,
    count_wrong_code,
    forget_old_tries,
    forgive,
    take_back_try,
    tell_of_lock,
    unlock,
)
from codepop.accounts.services.people import create_user, grant_role, record_own_change, rename
from codepop.accounts.services.sessions import (
    Holder,
    Sessions,
    count_sessions,
    end_every_session,
    end_sessions_by_hand,
    end_sessions_of,
    whose_session,
)
from codepop.accounts.services.sign_ins import end_sign_in, note_use, record_sign_in
from codepop.accounts.services.staffing import (
    EMAIL_LIMIT,
    Manager,
    disable_account,
    give_role,
    invite,
    lock_account,
    remove_person,
    take_role,
    unlock_account,
)
from codepop.accounts.services.views import begin_view, end_view

__all__ = [
    "EMAIL_LIMIT",
    "Holder",
    "Manager",
    "Sessions",
    "begin_view",
    "confirm_address",
    "count_sessions",
    "count_try",
    "count_wrong_code",
    "create_user",
    "disable_account",
    "drop_factors",
    "end_every_session",
    "end_sessions_by_hand",
    "end_sessions_of",
    "end_sign_in",
    "end_view",
    "forget_old_tries",
    "forget_wishes",
    "forgive",
    "give_role",
    "give_totp",
    "grant_role",
    "invite",
    "lock_account",
    "note_use",
    "note_wish",
    "record_own_change",
    "record_sign_in",
    "remove_person",
    "rename",
    "resend_verification",
    "take_back_try",
    "take_role",
    "tell_of_lock",
    "unlock",
    "unlock_account",
    "want_mail",
    "whose_session",
]
