"""The shipped obligations, loaded once a session."""

from collections.abc import Mapping

import pytest
from obligation_kit import shipped

from bot.domain.obligations import Obligation


@pytest.fixture(scope="session")
def pack() -> Mapping[str, Obligation]:
    """Every obligation that we ship, by id."""
    return shipped()
