"""Facts that only notices to partners tell: controllers, insurers, card brands, employees.

Pure data; part of `fact_dictionary`. Also what the status page and the call centre need.
"""

from bot.domain.fact_types import FactGroup, FactType, choices, count, instant, text, yes_no

_TIMES = FactGroup.TIMES
_STORY = FactGroup.STORY
_PARTNERS = FactGroup.PARTNERS

LOSS_KINDS = (
    "incident_response",
    "legal_advice",
    "notification_of_people",
    "data_restoration",
    "business_interruption",
    "extortion",
    "claims_of_others",
    "proceedings_of_authorities",
    "fraud_loss",
    "other",
)
"""Kinds of cost and loss that cyber policies tell apart; what one covers stands in it."""

CARD_DATA = (
    "card_number",
    "cardholder_name",
    "expiry_date",
    "service_code",
    "card_security_code",
    "track_data",
    "pin_block",
)
"""Elements of account data, as PCI DSS tells them apart: the first four, and the sensitive rest."""

CARD_BRANDS = (
    "visa",
    "mastercard",
    "american_express",
    "discover",
    "jcb",
    "unionpay",
    "other",
)
"""Payment brands whose cards may be affected."""

SERVICE_STATES = ("investigating", "contained", "restoring", "restored")
"""How far we are, as a status page says it."""


def _named(name: str, label: str, example: str) -> FactType:
    return text(name, _PARTNERS, label, example, reads_alike=True)


_TIMES_TOLD = (
    instant("next_update_at", _TIMES, "When will we tell more, at the latest?"),
    instant("partner_reply_by", _TIMES, "By when do we need the partner's answer?"),
    instant("processor_told_at", _TIMES, "When did the processor tell us of the incident?"),
    instant("service_disrupted_at", _TIMES, "Since when can't customers use a service?"),
    instant("service_restored_at", _TIMES, "When did the service work again?"),
)

_CONTROLLERS = (
    _named("controller_name", "For which controller do we process the data?", "Nordlicht GmbH"),
    _named("controller_address", "That controller's address", "Beispielweg 3, 20095 Hamburg"),
    text("controller_contract", _PARTNERS, "Under which contract with the controller?", "C-4711"),
    text("controller_people", _PARTNERS, "Which groups of the controller's people?", "guests"),
    count(
        "controller_affected", _PARTNERS, "How many of the controller's people are affected?", "310"
    ),
    text("controller_data", _PARTNERS, "Which of the controller's data?", "names, bookings"),
    count("controller_records", _PARTNERS, "How many of the controller's records?", "640"),
    text(
        "people_list",
        _PARTNERS,
        "How does the owner of the data get the list of people?",
        "encrypted file, 4 March",
    ),
    text("sub_processor", _PARTNERS, "At which sub-processor did it happen?", "Acme Hosting"),
    text("asked_of_controller", _PARTNERS, "What should the controller do now?", "reset keys"),
)

_PROCESSORS = (
    _named("processor_name", "Which processor has the incident?", "Acme Hosting GmbH"),
    _named("processor_address", "That processor's address", "Musterallee 9, 10115 Berlin"),
    text("processor_contract", _PARTNERS, "Under which contract with the processor?", "DPA-12"),
    text("processor_service", _PARTNERS, "Which of its services do we use?", "archive hosting"),
    text("measures_wanted", _PARTNERS, "What should the processor do now?", "revoke the keys"),
)

_INSURERS = (
    _named("insurer_name", "Who is our cyber insurer?", "Example Versicherung AG"),
    _named("insurer_address", "The insurer's address for claims", "claims@example.com"),
    _named("insurance_broker", "Our insurance broker", "Broker & Partner"),
    _named("policy_number", "Number of the cyber policy", "CY-000-123"),
    _named("policy_period", "Period of the cyber policy", "1 Jan to 31 Dec 2026"),
    text("affected_systems", _STORY, "Which systems are affected?", "claims archive, one server"),
    choices("loss_kinds", _PARTNERS, "Which kinds of cost or loss do we expect?", LOSS_KINDS),
    text("loss_estimate", _PARTNERS, "What may it cost, as far as known?", "about 120,000 euros"),
    yes_no("payment_demanded", _PARTNERS, "Has anybody demanded a ransom or other payment?"),
    text("claims_received", _PARTNERS, "Which claims have others made against us?", "none so far"),
    text(
        "firms_engaged", _PARTNERS, "Which firms have we called in, since when?", "Acme Forensics"
    ),
    text(
        "consent_wanted", _PARTNERS, "For what do we ask the insurer's consent?", "Acme Forensics"
    ),
    text("police_report", _PARTNERS, "Reported to the police: where, when, reference?", "LKA, …"),
)

_CARDS = (
    _named("acquirer_name", "Who is our acquirer (card payments)?", "Example Payments SE"),
    _named("acquirer_address", "The acquirer's address for incidents", "risk@example.com"),
    _named("merchant_number", "Our merchant number with the acquirer", "M-4711"),
    text("card_environment", _PARTNERS, "Which part of the card environment?", "checkout page"),
    count("card_accounts", _PARTNERS, "How many card accounts may be affected?", "2400"),
    choices("card_data", _PARTNERS, "Which card data may be affected?", CARD_DATA),
    choices("card_brands", _PARTNERS, "Cards of which brands?", CARD_BRANDS),
    text("card_protection", _PARTNERS, "How was the card data protected?", "tokens, no storage"),
    _named("forensic_firm", "Which forensic firm examines it?", "Acme Forensics"),
    text("pci_validation", _PARTNERS, "Our last PCI DSS validation: kind and date?", "SAQ D, 2025"),
)

_STAFF = (
    text("staff_instructions", _PARTNERS, "What must staff do now?", "change your password"),
    yes_no("staff_data_affected", _PARTNERS, "Is data of our own staff affected?"),
    text("staff_contact", _PARTNERS, "Whom do staff ask?", "Security desk, ext. 4711"),
)

_PUBLIC = (
    choices("service_state", _PARTNERS, "How far are we?", SERVICE_STATES, several=False),
    text("service_impact", _PARTNERS, "What can't customers do at present?", "sign in to claims"),
    text("service_workaround", _PARTNERS, "How do they manage meanwhile?", "call the claims desk"),
    text("how_to_know", _PARTNERS, "How do people learn whether they're affected?", "by letter"),
    text("caller_check", _PARTNERS, "How do agents make sure who calls?", "call back on file"),
    text("call_escalation", _PARTNERS, "To whom do agents pass difficult calls?", "team lead"),
)

FACTS: tuple[FactType, ...] = (
    *_TIMES_TOLD,
    *_CONTROLLERS,
    *_PROCESSORS,
    *_INSURERS,
    *_CARDS,
    *_STAFF,
    *_PUBLIC,
)
