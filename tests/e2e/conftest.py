"""One warm interpreter serves all tests of a worker that kill processes."""

from collections.abc import Iterator

import pytest

from tests.e2e.killed_nest import Nest, nesting


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    with nesting() as made:
        yield made
