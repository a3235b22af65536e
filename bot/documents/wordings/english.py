"""English of the United Kingdom and of the United States: the words of the notices.

Pure data. Choices of forms that exist in English only belong here too, by the fact's name.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.documents.wording import NO_BREAK, Labels, Wording
from bot.documents.wordings.eu_forms import EU_FORM_CHOICES
from bot.documents.wordings.partner_forms import PARTNER_CHOICES
from bot.documents.wordings.place_words import ENGLISH_PLACES
from bot.documents.wordings.us_forms import US_FORM_CHOICES

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_ELEMENTS = {
    "name": "name",
    "postal_address": "postal address",
    "email": "e-mail address",
    "phone": "telephone number",
    "date_of_birth": "date of birth",
    "ssn": "US Social Security number",
    "tax_id": "taxpayer identification number",
    "driver_license": "driving licence number",
    "passport": "passport number",
    "state_id": "identity card number",
    "national_id": "national identification number",
    "military_id": "military identification number",
    "tribal_id": "tribal identification number",
    "financial_account": "bank or other financial account number",
    "payment_card": "payment card number",
    "account_access_code": "security code, access code or password of an account",
    "online_credentials": "user name and password of an online account",
    "medical": "medical information",
    "health_insurance": "health insurance information",
    "biometric": "biometric data",
    "genetic": "genetic data",
    "digital_signature": "digital or electronic signature",
    "mother_maiden_name": "mother’s maiden name",
    "birth_or_marriage_certificate": "birth or marriage certificate",
    "payroll_tax": "payroll tax information",
    "license_plate_data": "number plate data",
    "cpni": "information about your telephone service and calls",
    "special_category": "specially protected personal data",
    "children_data": "data about children",
    "other": "other personal data",
}

_US_ELEMENTS = _ELEMENTS | {
    "postal_address": "mailing address",
    "email": "email address",
    "ssn": "Social Security number",
    "driver_license": "driver’s license number",
    "state_id": "state identification card number",
    "online_credentials": "user name and password for an online account",
    "license_plate_data": "license plate data",
    "special_category": "specially protected personal information",
    "children_data": "information about children",
    "other": "other personal information",
}

_OTHER_CHOICES = {
    "breach_kinds": {
        "confidentiality": "loss of confidentiality",
        "integrity": "loss of integrity",
        "availability": "loss of availability",
    },
    "risk_to_people": {
        "unlikely": "unlikely to result in a risk",
        "likely": "likely to result in a risk",
        "high": "likely to result in a high risk",
    },
    "encryption": {
        "not_encrypted": "not encrypted",
        "partly": "partly encrypted",
        "encrypted": "encrypted",
    },
}
"""By fact, then by choice; what isn't listed reads as its own words, without the underscores."""


def _choices(elements: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            "data_elements": elements,
            **EU_FORM_CHOICES,
            **US_FORM_CHOICES,
            **PARTNER_CHOICES,
            **_OTHER_CHOICES,
        }
    )


_LABELS = Labels(
    date="Date",
    our_reference="Our reference",
    to="To",
    name="‹First name› ‹Last name›",
    street="‹Street address›",
    place="‹Postal code and place›",
    version="Version",
    content="Content",
    page="Page",
    of="of",
    check="Check that this paper is genuine:",
    cut="cut after {words} words; the full text stands in the record",
    draft="DRAFT",
    not_approved="not approved",
    in_review="in review",
    exercise="EXERCISE",
    not_real="not a real incident",
)

ENGLISH = Wording(
    language="en-GB",
    labels=_LABELS,
    months=_MONTHS,
    date_form=f"{{day}}{NO_BREAK}{{month}} {{year}}",
    at="at",
    yes="yes",
    no="no",
    both="and",
    approximately="approximately",
    around="on or about",
    thousands=",",
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=_choices(_ELEMENTS),
    places=ENGLISH_PLACES,
)

US_ENGLISH = Wording(
    language="en-US",
    labels=_LABELS,
    months=_MONTHS,
    date_form=f"{{month}}{NO_BREAK}{{day}}, {{year}}",
    at="at",
    yes="yes",
    no="no",
    both="and",
    serial_comma=True,
    approximately="approximately",
    around="on or about",
    thousands=",",
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=_choices(_US_ELEMENTS),
    places=ENGLISH_PLACES,
)
