"""The choices of notices to partners, of the card notice and of the status page, in English.

Pure data; part of `english`.
"""

PARTNER_CHOICES = {
    "card_brands": {
        "visa": "Visa",
        "mastercard": "Mastercard",
        "american_express": "American Express",
        "discover": "Discover",
        "jcb": "JCB",
        "unionpay": "UnionPay",
        "other": "others",
    },
    # As PCI DSS names the elements of account data.
    "card_data": {
        "card_number": "card number (PAN)",
        "cardholder_name": "cardholder name",
        "expiry_date": "expiry date",
        "service_code": "service code",
        "card_security_code": "card security code",
        "track_data": "full track data, from the magnetic stripe or the chip",
        "pin_block": "PIN or PIN block",
    },
    "loss_kinds": {
        "incident_response": "response to the incident and forensics",
        "legal_advice": "legal advice",
        "notification_of_people": "notices to people, and help for them",
        "data_restoration": "restoring data and systems",
        "business_interruption": "interruption of our business",
        "extortion": "extortion",
        "claims_of_others": "claims of others against us",
        "proceedings_of_authorities": "proceedings of authorities",
        "fraud_loss": "loss by fraud",
        "other": "other cost or loss",
    },
    "service_state": {
        "investigating": "we are looking for the cause",
        "contained": "the incident is contained; the service isn’t back yet",
        "restoring": "the service is coming back",
        "restored": "the service works again",
    },
}
