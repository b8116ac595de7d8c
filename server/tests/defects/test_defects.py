"""The real defects of comparable systems: we don't have them, and would notice if we had.

Each story runs as the product is; then its mutation puts the defect back, and the same story must fail, in the words
that name the defect.
"""

from collections.abc import Callable, Iterator

import pytest

from tests.defects import mutations, scenarios
from tests.stripe_side import empty_queue, sandbox

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sandbox_url"),
    pytest.mark.req("D5"),
]
NAMES = sorted(scenarios.ALL)


@pytest.fixture(autouse=True)
def _tidy(transactional_db: None, sandbox_url: str) -> Iterator[None]:
    empty_queue()
    yield
    empty_queue()
    sandbox("/_sandbox/faults", method="DELETE")


def test_each_of_the_32_defects_has_a_story_and_a_mutation() -> None:
    assert [name[:3] for name in NAMES] == [f"d{number:02}" for number in range(1, 33)]
    assert sorted(mutations.ALL) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_we_do_not_have_it(name: str) -> None:
    scenarios.ALL[name]()


@pytest.mark.parametrize("name", NAMES)
def test_we_would_notice_it(name: str) -> None:
    story: Callable[[], None] = scenarios.ALL[name]
    mutation = mutations.ALL[name]
    with mutation.put_in(), pytest.raises(AssertionError, match=mutation.fails_with):
        story()
