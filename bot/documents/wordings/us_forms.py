"""The choices of forms of US authorities, in the words of those forms. English only.

Pure data, by the fact's name; part of `english`.
"""

from collections.abc import Mapping
from types import MappingProxyType

US_FORM_CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "notice_methods": {
            "letter": "letter by mail",
            "email": "email",
            "telephone": "telephone",
            "website_posting": "posting on our website",
            "media_notice": "notice through the media",
        },
        "hipaa_entity_kind": {
            "health_plan": "health plan",
            "healthcare_provider": "healthcare provider",
            "healthcare_clearinghouse": "healthcare clearinghouse",
        },
        "hhs_breach_types": {
            "hacking_it_incident": "Hacking/IT Incident",
            "improper_disposal": "Improper Disposal",
            "loss": "Loss",
            "theft": "Theft",
            "unauthorized_access_disclosure": "Unauthorized Access/Disclosure",
        },
        "hhs_locations": {
            "desktop_computer": "Desktop Computer",
            "electronic_medical_record": "Electronic Medical Record",
            "email": "Email",
            "laptop": "Laptop",
            "network_server": "Network Server",
            "other_portable_device": "Other Portable Electronic Device",
            "paper_films": "Paper/Films",
            "other": "Other",
        },
        "phi_kinds": {
            "clinical": "Clinical",
            "demographic": "Demographic",
            "financial": "Financial",
            "other": "Other",
        },
        "hhs_safeguards": {
            "no_safeguards": "None",
            "privacy_rule": "Privacy Rule Safeguards (training, policies and procedures)",
            "security_rule_administrative": "Security Rule Administrative Safeguards",
            "security_rule_physical": "Security Rule Physical Safeguards",
            "security_rule_technical": "Security Rule Technical Safeguards",
        },
        "bank_regulator": {
            "occ": "Office of the Comptroller of the Currency",
            "federal_reserve": "Board of Governors of the Federal Reserve System",
            "fdic": "Federal Deposit Insurance Corporation",
        },
        "bank_incident_effects": {
            "banking_operations": "our ability to carry out banking operations or to deliver "
            "products and services to customers",
            "business_line": "a business line, so that its failure would mean a material loss of "
            "revenue, profit or franchise value",
            "financial_stability": "operations whose failure would threaten the financial "
            "stability of the United States",
        },
        "dfs_grounds": {
            "other_authority_notified": "it must be notified to another government body, "
            "self-regulatory agency or supervisory body",
            "material_harm_likely": "it is reasonably likely to harm materially a material part of "
            "our normal operations",
            "ransomware_deployed": "ransomware was deployed within a material part of our "
            "information systems",
        },
        "incident_location": {
            "own_systems": "in our own systems",
            "affiliate": "at an affiliate",
            "third_party_provider": "at a third-party service provider",
        },
    }
)
