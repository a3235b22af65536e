"""Spanish: the words of the notices. Legal terms are those of the Spanish text of the GDPR.

Pure data. Not read by a native lawyer.
"""

from types import MappingProxyType

from bot.documents.wording import NO_BREAK, THIN, Labels, Wording
from bot.documents.wordings.place_words import SPANISH_PLACES

_MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)

_ELEMENTS = {
    "name": "nombre y apellidos",
    "postal_address": "dirección postal",
    "email": "dirección de correo electrónico",
    "phone": "número de teléfono",
    "date_of_birth": "fecha de nacimiento",
    "ssn": "número de la Seguridad Social de los Estados Unidos",
    "tax_id": "número de identificación fiscal",
    "driver_license": "número del permiso de conducir",
    "passport": "número de pasaporte",
    "state_id": "número del documento de identidad",
    "national_id": "número nacional de identificación",
    "military_id": "número de identificación militar",
    "tribal_id": "número de identificación tribal (Estados Unidos)",
    "financial_account": "número de cuenta bancaria o de otra cuenta financiera",
    "payment_card": "número de tarjeta de pago",
    "account_access_code": "código de seguridad, código de acceso o contraseña de una cuenta",
    "online_credentials": "nombre de usuario y contraseña de una cuenta en línea",
    "medical": "información médica",
    "health_insurance": "información del seguro médico",
    "biometric": "datos biométricos",
    "genetic": "datos genéticos",
    "digital_signature": "firma digital o electrónica",
    "mother_maiden_name": "apellido de soltera de la madre",
    "birth_or_marriage_certificate": "partida de nacimiento o de matrimonio",
    "payroll_tax": "datos de las retenciones fiscales sobre el salario",
    "license_plate_data": "datos de la matrícula de un vehículo",
    "cpni": "información sobre la línea telefónica y las llamadas",
    "special_category": "categorías especiales de datos personales",
    "children_data": "datos de menores",
    "other": "otros datos personales",
}

# The risks follow Art. 33(1) and 34(1) RGPD; they stand after “en nuestra evaluación,”.
_CHOICES = {
    "data_elements": _ELEMENTS,
    "breach_kinds": {
        "confidentiality": "pérdida de confidencialidad",
        "integrity": "pérdida de integridad",
        "availability": "pérdida de disponibilidad",
    },
    "risk_to_people": {
        "unlikely": "es improbable que la violación constituya un riesgo",
        "likely": "es probable que la violación constituya un riesgo",
        "high": "es probable que la violación entrañe un alto riesgo",
    },
    "encryption": {
        "not_encrypted": "no estaban cifrados",
        "partly": "estaban cifrados en parte",
        "encrypted": "estaban cifrados",
    },
}

SPANISH = Wording(
    language="es-ES",
    labels=Labels(
        date="Fecha",
        our_reference="Nuestra referencia",
        to="A",
        name="‹Nombre› ‹Apellidos›",
        street="‹Calle y número›",
        place="‹Código postal y localidad›",
        version="Versión",
        content="Contenido",
        page="Página",
        of="de",
        check="Comprobar la autenticidad:",
        cut="cortado tras {words} palabras; el texto completo consta en el expediente",
        draft="BORRADOR",
        not_approved="sin aprobar",
        in_review="en revisión",
        exercise="EJERCICIO (EXERCISE)",
        not_real="no es un incidente real",
    ),
    months=_MONTHS,
    date_form=f"{{day}}{NO_BREAK}de{NO_BREAK}{{month}} de {{year}}",
    at="a las",
    at_one="a la",
    yes="sí",
    no="no",
    both="y",
    both_before_i="e",
    approximately="aproximadamente",
    around="hacia el",
    # Ortografía de la RAE: four figures stand together, more are grouped by a thin space.
    thousands=THIN,
    ungrouped_below=10_000,
    not_recorded="Not recorded",
    recorded_as_unknown="Recorded as unknown",
    at_least="The law wants at least",
    choices=MappingProxyType(_CHOICES),
    places=SPANISH_PLACES,
    spacing=((r"\b(art|núm|pág)\. ?(?=\d)", rf"\1.{NO_BREAK}"),),
)
