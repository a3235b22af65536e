"""German: the words of the notices. Legal terms are those of the German text of the GDPR.

Pure data. Not read by a native lawyer.
"""

from types import MappingProxyType

from bot.documents.wording import NO_BREAK, Labels, Wording
from bot.documents.wordings.place_words import GERMAN_PLACES

_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)

_ELEMENTS = {
    "name": "Name",
    "postal_address": "Postanschrift",
    "email": "E-Mail-Adresse",
    "phone": "Telefonnummer",
    "date_of_birth": "Geburtsdatum",
    "ssn": "Sozialversicherungsnummer der USA",
    "tax_id": "steuerliche Identifikationsnummer",
    "driver_license": "Führerscheinnummer",
    "passport": "Reisepassnummer",
    "state_id": "Personalausweisnummer",
    "national_id": "nationale Identifikationsnummer",
    "military_id": "militärische Ausweisnummer",
    "tribal_id": "Ausweisnummer eines indigenen Volkes der USA",
    "financial_account": "Nummer eines Bankkontos oder anderen Finanzkontos",
    "payment_card": "Nummer einer Zahlungskarte",
    "account_access_code": "Sicherheitscode, Zugangscode oder Passwort eines Kontos",
    "online_credentials": "Benutzername und Passwort eines Online-Kontos",
    "medical": "medizinische Daten",
    "health_insurance": "Angaben zur Krankenversicherung",
    "biometric": "biometrische Daten",
    "genetic": "genetische Daten",
    "digital_signature": "digitale oder elektronische Signatur",
    "mother_maiden_name": "Geburtsname der Mutter",
    "birth_or_marriage_certificate": "Geburts- oder Heiratsurkunde",
    "payroll_tax": "Angaben zur Lohnsteuer",
    "license_plate_data": "Daten zum Kfz-Kennzeichen",
    "cpni": "Angaben zu Telefonanschluss und Telefonverbindungen",
    "special_category": "besondere Kategorien personenbezogener Daten",
    "children_data": "Daten von Kindern",
    "other": "andere personenbezogene Daten",
}

# The three losses are the usual names in German forms; the risks follow Art. 33(1) and 34(1) DSGVO.
_CHOICES = {
    "data_elements": _ELEMENTS,
    "breach_kinds": {
        "confidentiality": "Verlust der Vertraulichkeit",
        "integrity": "Verlust der Integrität",
        "availability": "Verlust der Verfügbarkeit",
    },
    "risk_to_people": {
        "unlikely": "voraussichtlich nicht zu einem Risiko",
        "likely": "voraussichtlich zu einem Risiko",
        "high": "voraussichtlich zu einem hohen Risiko",
    },
    "encryption": {
        "not_encrypted": "nicht verschlüsselt",
        "partly": "teilweise verschlüsselt",
        "encrypted": "verschlüsselt",
    },
}

GERMAN = Wording(
    language="de-DE",
    labels=Labels(
        date="Datum",
        our_reference="Unser Zeichen",
        to="An",
        name="‹Vorname› ‹Nachname›",
        street="‹Straße und Hausnummer›",
        place="‹Postleitzahl und Ort›",
        version="Fassung",
        content="Inhalt",
        page="Seite",
        of="von",
        check="Echtheit prüfen:",
        cut="nach {words} Wörtern gekürzt; der volle Wortlaut steht in der Akte",
        draft="ENTWURF",
        not_approved="nicht freigegeben",
        in_review="in Prüfung",
        exercise="ÜBUNG (EXERCISE)",
        not_real="kein echter Vorfall",
    ),
    months=_MONTHS,
    date_form=f"{{day}}.{NO_BREAK}{{month}} {{year}}",
    at="um",
    time_form=f"{{hour:02}}:{{minute:02}}{NO_BREAK}Uhr",
    zones=MappingProxyType(
        {
            "CET": "MEZ",
            "CEST": "MESZ",
            "WET": "WEZ",
            "WEST": "WESZ",
            "EET": "OEZ",
            "EEST": "OESZ",
        }
    ),
    yes="ja",
    no="nein",
    both="und",
    approximately="etwa",
    around="etwa am",
    thousands=".",
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=MappingProxyType(_CHOICES),
    places=GERMAN_PLACES,
    spacing=(
        # An article, paragraph or number stays with its figure; z. B. and d. h. stay whole.
        (r"\b(Art|Abs|Nr|Rn|S)\. ?(?=\d)", rf"\1.{NO_BREAK}"),
        (r"§ ?(?=\d)", f"§{NO_BREAK}"),
        (r"\b(z|d|u)\. ?(B|h|a)\.", rf"\1.{NO_BREAK}\2."),
    ),
)
