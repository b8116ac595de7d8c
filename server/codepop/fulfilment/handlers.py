"""What fulfilment does when it hears of orders and machines; all of it inside the transaction that announced them."""

from codepop.core.db import transaction_required
from codepop.fulfilment import services
from codepop.fulfilment.services.wakeup import refresh_store, wake_robots
from codepop.inventory.events import StockChanged
from codepop.ordering.events import OrderCancelled, OrderReleased, OrderWithdrawn
from codepop.stores.events import RobotStatusChanged, StoreChanged


def queue_released_order(event: OrderReleased) -> None:
    """Put the order into its store's queue."""
    services.enqueue(order_id=event.order_id, store_id=event.store_id, make_seconds=event.make_seconds)


def withdraw_order(event: OrderCancelled | OrderWithdrawn) -> None:
    """Take the order out of the queue when it is in it."""
    services.withdraw(order_id=event.order_id)


@transaction_required
def wake_store(event: RobotStatusChanged | StoreChanged) -> None:
    """Let robots ask for work again, and the staff's screens read again."""
    wake_robots(event.store_id)
    refresh_store(event.store_id)


@transaction_required
def show_stock(event: StockChanged) -> None:
    """Let the staff's screens read the levels again."""
    refresh_store(event.store_id)
