"""French: the words of the notices. Legal terms are those of the French text of the GDPR.

Pure data. Not read by a native lawyer.
"""

from types import MappingProxyType

from bot.documents.wording import NO_BREAK, THIN, Labels, Wording
from bot.documents.wordings.place_words import FRENCH_PLACES

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

_ELEMENTS = {
    "name": "nom",
    "postal_address": "adresse postale",
    "email": "adresse électronique",
    "phone": "numéro de téléphone",
    "date_of_birth": "date de naissance",
    "ssn": "numéro de sécurité sociale des États-Unis",
    "tax_id": "numéro d’identification fiscale",
    "driver_license": "numéro de permis de conduire",
    "passport": "numéro de passeport",
    "state_id": "numéro de carte d’identité",
    "national_id": "numéro national d’identification",
    "military_id": "numéro d’identification militaire",
    "tribal_id": "numéro d’identification tribal (États-Unis)",
    "financial_account": "numéro de compte bancaire ou d’un autre compte financier",
    "payment_card": "numéro de carte de paiement",
    "account_access_code": "code de sécurité, code d’accès ou mot de passe d’un compte",
    "online_credentials": "identifiant et mot de passe d’un compte en ligne",
    "medical": "informations médicales",
    "health_insurance": "informations relatives à l’assurance maladie",
    "biometric": "données biométriques",
    "genetic": "données génétiques",
    "digital_signature": "signature numérique ou électronique",
    "mother_maiden_name": "nom de naissance de la mère",
    "birth_or_marriage_certificate": "acte de naissance ou de mariage",
    "payroll_tax": "données relatives à l’impôt retenu sur le salaire",
    "license_plate_data": "données de plaque d’immatriculation",
    "cpni": "informations sur la ligne téléphonique et les appels",
    "special_category": "catégories particulières de données à caractère personnel",
    "children_data": "données relatives à des enfants",
    "other": "autres données à caractère personnel",
}

# The three losses are the names that the CNIL's form uses; the risks follow Art. 33(1) and 34(1).
_CHOICES = {
    "data_elements": _ELEMENTS,
    "breach_kinds": {
        "confidentiality": "perte de confidentialité",
        "integrity": "perte d’intégrité",
        "availability": "perte de disponibilité",
    },
    "risk_to_people": {
        "unlikely": "n’est pas susceptible d’engendrer un risque",
        "likely": "est susceptible d’engendrer un risque",
        "high": "est susceptible d’engendrer un risque élevé",
    },
    "encryption": {
        "not_encrypted": "n’étaient pas chiffrées",
        "partly": "étaient en partie chiffrées",
        "encrypted": "étaient chiffrées",
    },
}

FRENCH = Wording(
    language="fr-FR",
    labels=Labels(
        date="Date",
        our_reference="Notre référence",
        to="Destinataire",
        name="‹Prénom› ‹Nom›",
        street="‹Numéro et rue›",
        place="‹Code postal et ville›",
        version="Version",
        content="Contenu",
        page="Page",
        of="sur",
        check="Vérifier l’authenticité\N{NARROW NO-BREAK SPACE}:",
        cut="coupé après {words} mots ; le texte complet figure au dossier",
        draft="PROJET",
        not_approved="non approuvé",
        in_review="en cours d’examen",
        exercise="EXERCICE (EXERCISE)",
        not_real="incident fictif",
    ),
    months=_MONTHS,
    date_form=f"{{day}}{NO_BREAK}{{month}} {{year}}",
    first_of_month="1er",
    at="à",
    time_form=f"{{hour}}{NO_BREAK}h{NO_BREAK}{{minute:02}}",
    yes="oui",
    no="non",
    both="et",
    approximately="environ",
    around="vers le",
    thousands=THIN,
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=MappingProxyType(_CHOICES),
    places=FRENCH_PLACES,
    # Imprimerie nationale: a thin space before ; ! ?, a full one before : and inside « ».
    spacing=(
        (r" +([;!?])", rf"{THIN}\1"),
        (r" +([:»])", rf"{NO_BREAK}\1"),
        (r"« *", f"«{NO_BREAK}"),
        (r"\b(art\.|p\.|n°) (?=\d)", rf"\1{NO_BREAK}"),
    ),
)
