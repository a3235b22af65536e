"""Facts that only letters to people and notices to the public tell.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import FactGroup, FactType, count, text, yes_no

FACTS: tuple[FactType, ...] = (
    yes_no(
        "mail_accounts_breached",
        FactGroup.LAW,
        "Do the breached credentials open e-mail accounts that we provide?",
    ),
    text(
        "sign_in_page",
        FactGroup.ORGANISATION,
        "Web address where people sign in to their account with us",
        "www.example.com",
    ),
    count(
        "web_posting_days",
        FactGroup.SERVICES,
        "For how many days will the notice stand on our home page, with the helpline open?",
        "90",
    ),
    text(
        "press_contact",
        FactGroup.ORGANISATION,
        "Contact for the press: name, telephone, e-mail",
        "A. Example, +1 916 555 0123, press@example.com",
    ),
)
