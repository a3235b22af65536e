"""What jobs need from outside, handed over once by `bot.app`."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.delivery.mail import Mailer
from bot.delivery.slack import SlackGateway
from bot.store.unit_of_work import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """Store, gateway, clock and addresses."""

    store: Store
    slack: SlackGateway
    clock: Clock
    base_url: str
    bot_token: str
    file_hosts: frozenset[str]
    mailer: Mailer | None = None
    """Where approved notices leave by e-mail; None: nothing leaves by mail."""
