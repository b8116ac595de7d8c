"""What can be done with messages: queue, deliver, watch; and what people decide about them."""

from codepop.notifications.services.campaigns import make_campaign, queue_campaign
from codepop.notifications.services.choices import choose, drop_news, forget_person
from codepop.notifications.services.delivery import deliver, deliver_due, watch
from codepop.notifications.services.flaws import clear_flaw, flag_address
from codepop.notifications.services.notices import see_notice, show_again
from codepop.notifications.services.queueing import Wish, queue, retry_dead

__all__ = [
    "Wish",
    "choose",
    "clear_flaw",
    "deliver",
    "deliver_due",
    "drop_news",
    "flag_address",
    "forget_person",
    "make_campaign",
    "queue",
    "queue_campaign",
    "retry_dead",
    "see_notice",
    "show_again",
    "watch",
]
