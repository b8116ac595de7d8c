"""What making good hears of orders; inside the transaction that announced it."""

from codepop.aftersales import services
from codepop.ordering.events import OrderCancelled, OrderFailed


def remake_ended(event: OrderFailed | OrderCancelled) -> None:
    """A remake that is never made gives the money of its drinks back."""
    services.refund_broken_remake(remake_id=event.order_id)
