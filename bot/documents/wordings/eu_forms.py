"""English words for the choices in the forms of European authorities: ICO, NIS2, DORA.

Pure data. The words follow the forms; how far those were checked stands in each template's
`sources`. What isn't listed here reads as its own words, without the underscores.
"""

from collections.abc import Mapping
from types import MappingProxyType

_ICO = {
    "ico_report_kind": {"initial": "initial report", "follow_up": "follow-up report"},
    "ico_data_categories": {
        "race_or_ethnicity": "data revealing racial or ethnic origin",
        "religion_or_philosophy": "religious or philosophical beliefs",
        "sex_life": "sex life data",
        "sexual_orientation": "sexual orientation data",
        "health": "health data",
        "basic_identifiers": "basic personal identifiers, such as name and contact details",
        "identification_data": "identification data, such as user names and passwords",
        "economic_or_financial": "economic and financial data",
        "official_documents": "official documents, such as driving licences",
        "location": "location data",
        "genetic_or_biometric": "genetic or biometric data",
        "criminal_convictions": "criminal convictions and offences",
    },
    "ico_subject_groups": {
        "customers": "customers or clients",
        "prospective_customers": "prospective customers or clients",
    },
    "ico_likelihood": {
        "very_likely": "very likely",
        "likely": "likely",
        "neutral": "neutral: neither likely nor unlikely",
        "unlikely": "unlikely",
        "very_unlikely": "very unlikely",
        "not_yet_known": "not yet known",
    },
    "ico_organisation_impact": {
        "high": "high: all ability to provide critical services is lost",
        "medium": "medium: critical services can’t be provided to some users",
        "low": "low: no loss of efficiency, or little; critical services continue",
        "not_yet_known": "not yet known",
    },
    "ico_recovery_time": {
        "regular": "regular: predictable, with existing resources",
        "supplemented": "supplemented: predictable, with additional resources",
        "extended": "extended: not predictable, and additional resources may be needed",
        "not_recoverable": "not recoverable",
        "complete": "complete: recovery is done",
        "not_yet_known": "not yet known",
    },
    "staff_training": {
        "yes": "yes",
        "no": "no",
        "no_staff_involved": "no member of staff was involved",
    },
    "people_informed": {
        "told": "yes, they have been told",
        "being_told": "they are being told now",
        "already_aware": "no, they are already aware",
        "planned": "not yet, but it is planned",
        "decided_not_to": "no, and it was decided not to tell them",
        "undecided": "not yet decided",
    },
}

_NIS2 = {"nis2_entity_class": {"essential": "essential entity", "important": "important entity"}}

_DORA_INCIDENT = {
    "dora_entity_types": {
        "crypto_asset_service_provider": "crypto-asset service provider",
        "issuer_of_asset_referenced_tokens": "issuer of asset-referenced tokens",
        "insurance_or_reinsurance_undertaking": "insurance and reinsurance undertaking",
        "insurance_intermediary": "insurance intermediary, reinsurance intermediary and ancillary "
        "insurance intermediary",
    },
    "dora_criteria": {
        "clients_counterparts_transactions": "clients, financial counterparts and transactions "
        "affected",
        "duration_and_downtime": "duration and service downtime",
        "critical_services": "critical services affected",
    },
    "dora_discovery": {
        "it_security": "IT security",
        "staff": "staff",
        "internal_audit": "internal audit",
        "external_audit": "external audit",
        "clients": "clients",
        "financial_counterparts": "financial counterparts",
        "third_party_provider": "third-party provider",
        "attacker": "attacker",
        "monitoring_systems": "monitoring systems",
        "authority_or_law_enforcement": "authority, agency or law enforcement body",
        "other": "other",
    },
    "reputation_kinds": {
        "reflected_in_media": "the incident has been reflected in the media",
        "repetitive_complaints": "repetitive complaints from different clients or financial "
        "counterparts",
        "requirements_not_met": "regulatory requirements can’t be met, or are likely not to be met",
        "clients_lost": "clients or financial counterparts will be lost, or are likely to be, with "
        "a material impact on business",
    },
    "member_state_impact": {
        "branch": "branch of the financial entity",
        "group_entities": "financial entities within the group that carry out activities there",
        "market_infrastructure": "financial market infrastructure",
        "shared_third_party_providers": "third-party providers that may be common to other "
        "financial entities",
    },
    "dora_incident_types": {
        "cybersecurity_related": "cybersecurity-related",
        "payment_related": "payment-related",
    },
    "threat_techniques": {
        "social_engineering": "social engineering, including phishing",
        "denial_of_service": "(distributed) denial of service",
        "data_encryption": "data encryption for impact, including ransomware",
        "data_exfiltration": "data exfiltration and manipulation",
        "supply_chain_attack": "supply-chain attack",
    },
    "infrastructure_affected": {
        "yes": "yes",
        "no": "no",
        "information_not_available": "information not available",
    },
    "authorities_told": {"police": "police or law enforcement", "csirt": "CSIRT"},
}

_DORA_CAUSES = {
    "root_cause_classes": {"system_failure": "system failure or malfunction"},
    "root_cause_details": {
        "malicious_internal_actions": "malicious: deliberate internal actions",
        "malicious_physical_damage_or_theft": "malicious: deliberate physical damage, manipulation "
        "or theft",
        "malicious_fraudulent_actions": "malicious: fraudulent actions",
        "process_monitoring_and_control": "process: insufficient or failed monitoring and control",
        "process_roles_and_responsibilities": "process: insufficient or unclear roles and "
        "responsibilities",
        "process_ict_risk_management": "process: failure of ICT risk management",
        "process_ict_operations_and_security": "process: insufficient or failed ICT operations and "
        "ICT security operations",
        "process_ict_project_management": "process: insufficient or failed ICT project management",
        "process_policies_and_documentation": "process: inadequate internal policies, procedures "
        "and documentation",
        "process_acquisition_and_development": "process: inadequate acquisition, development and "
        "maintenance of ICT systems",
        "process_other": "process: other",
        "system_hardware_capacity": "system: hardware capacity and performance",
        "system_hardware_maintenance": "system: hardware maintenance",
        "system_hardware_ageing": "system: hardware obsolescence or ageing",
        "system_software_configuration": "system: software compatibility or configuration",
        "system_software_performance": "system: software performance",
        "system_network_configuration": "system: network configuration",
        "system_physical_damage": "system: physical damage",
        "system_other": "system: other",
        "human_omission": "human error: omission",
        "human_mistake": "human error: mistake",
        "human_skills": "human error: skills and knowledge",
        "human_resources": "human error: inadequate human resources",
        "human_miscommunication": "human error: miscommunication",
        "human_other": "human error: other",
        "external_natural_disaster": "external event: natural disaster or force majeure",
        "external_third_party_failure": "external event: third-party failure",
        "external_other": "external event: other",
    },
    "root_cause_further": {
        "monitoring_of_third_party_providers": "monitoring of third-party service providers",
        "verification_of_remediation": "monitoring and verification of the remediation of "
        "vulnerabilities",
        "inaccurate_risk_tolerance_levels": "failure in specifying accurate risk tolerance levels",
        "insufficient_vulnerability_assessments": "insufficient vulnerability and threat "
        "assessments",
        "inadequate_risk_treatment": "inadequate risk treatment measures",
        "poor_management_of_residual_risks": "poor management of residual ICT risks",
        "asset_management_and_classification": "ICT asset management and information "
        "classification",
        "inadequate_acquisition_or_development": "inadequate acquisition, development and "
        "maintenance of ICT systems",
        "insufficient_or_failed_testing": "insufficient software testing, or its failure",
    },
}

EU_FORM_CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {**_ICO, **_NIS2, **_DORA_INCIDENT, **_DORA_CAUSES}
)
"""By fact, then by choice."""
