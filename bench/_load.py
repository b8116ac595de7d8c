"""Load: so many clients that check out one after the other, or a steady number of checkouts a second."""

import itertools
import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench._checkout import Basket, CheckoutFailed, Client, Times


@dataclass
class LoadResult:
    """What came of a load."""

    times: list[Times] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def run_load(
    new_client: Callable[[], Client],
    baskets: Sequence[Basket],
    *,
    clients: int,
    seconds: float,
    per_second: float | None = None,
) -> LoadResult:
    """Let the clients check out for so long; with `per_second` no oftener than that all together."""
    result = LoadResult()
    begin = time.monotonic()
    slots = itertools.count()

    def work(number: int) -> None:
        client, chance = new_client(), random.Random(number)
        while (left := begin + seconds - time.monotonic()) > 0:
            if per_second:
                wait = begin + next(slots) / per_second - time.monotonic()
                if wait > left:
                    break
                time.sleep(max(0.0, wait))
            try:
                result.times.append(client.checkout(chance.choice(baskets)))
            except (CheckoutFailed, OSError) as error:
                result.errors[str(error)[:160]] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.monotonic() - begin
    return result


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0
