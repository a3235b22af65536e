"""Facts that only DORA's incident report asks for: general, initial, intermediate and final part.

Pure data; part of `fact_dictionary` through `facts_eu_authorities`. The lists of words follow the
template of Commission Implementing Regulation (EU) 2025/302 as its machine-readable form gives it;
the templates in `notification_templates/` say how far that was checked.
"""

from bot.domain.fact_types import (
    FactGroup,
    FactType,
    choices,
    count,
    instant,
    text,
    yes_no,
)

_TIMES = FactGroup.TIMES
_PEOPLE = FactGroup.PEOPLE
_STORY = FactGroup.STORY
_LAW = FactGroup.LAW
_OURS = FactGroup.ORGANISATION

ENTITY_TYPES = (
    "credit_institution",
    "payment_institution",
    "exempted_payment_institution",
    "account_information_service_provider",
    "electronic_money_institution",
    "exempted_electronic_money_institution",
    "investment_firm",
    "crypto_asset_service_provider",
    "issuer_of_asset_referenced_tokens",
    "central_securities_depository",
    "central_counterparty",
    "trading_venue",
    "trade_repository",
    "manager_of_alternative_investment_funds",
    "management_company",
    "data_reporting_service_provider",
    "insurance_or_reinsurance_undertaking",
    "insurance_intermediary",
    "institution_for_occupational_retirement_provision",
    "credit_rating_agency",
    "administrator_of_critical_benchmarks",
    "crowdfunding_service_provider",
    "securitisation_repository",
)
"""Types of financial entities (field 1.4)."""

CRITERIA = (
    "clients_counterparts_transactions",
    "reputational_impact",
    "duration_and_downtime",
    "geographical_spread",
    "data_losses",
    "critical_services",
    "economic_impact",
)
"""Criteria that make an incident a major one (field 2.5)."""

DISCOVERERS = (
    "it_security",
    "staff",
    "internal_audit",
    "external_audit",
    "clients",
    "financial_counterparts",
    "third_party_provider",
    "attacker",
    "monitoring_systems",
    "authority_or_law_enforcement",
    "other",
)
"""Who or what discovered the incident (field 2.7)."""

REPUTATION = (
    "reflected_in_media",
    "repetitive_complaints",
    "requirements_not_met",
    "clients_lost",
)
"""Kinds of reputational impact (field 3.13)."""

MEMBER_STATE_IMPACT = (
    "clients",
    "financial_counterparts",
    "branch",
    "group_entities",
    "market_infrastructure",
    "shared_third_party_providers",
)
"""Kinds of impact in other Member States (field 3.18)."""

DATA_LOSSES = ("availability", "authenticity", "integrity", "confidentiality")
"""What of the data was lost (field 3.20)."""

INCIDENT_TYPES = (
    "cybersecurity_related",
    "process_failure",
    "system_failure",
    "external_event",
    "payment_related",
    "other",
)
"""Types of incidents (field 3.23)."""

TECHNIQUES = (
    "social_engineering",
    "denial_of_service",
    "identity_theft",
    "data_encryption",
    "resource_hijacking",
    "data_exfiltration",
    "data_destruction",
    "defacement",
    "supply_chain_attack",
    "other",
)
"""Threats and techniques of the attacker (field 3.25)."""

AUTHORITIES = (
    "police",
    "csirt",
    "data_protection_authority",
    "national_cybersecurity_agency",
    "none",
    "other",
)
"""Other authorities that were told (field 3.31)."""

ROOT_CAUSES = (
    "malicious_actions",
    "process_failure",
    "system_failure",
    "human_error",
    "external_event",
)
"""Root causes, first level (field 4.1)."""

ROOT_CAUSE_DETAILS = (
    "malicious_internal_actions",
    "malicious_physical_damage_or_theft",
    "malicious_fraudulent_actions",
    "process_monitoring_and_control",
    "process_roles_and_responsibilities",
    "process_ict_risk_management",
    "process_ict_operations_and_security",
    "process_ict_project_management",
    "process_policies_and_documentation",
    "process_acquisition_and_development",
    "process_other",
    "system_hardware_capacity",
    "system_hardware_maintenance",
    "system_hardware_ageing",
    "system_software_configuration",
    "system_software_performance",
    "system_network_configuration",
    "system_physical_damage",
    "system_other",
    "human_omission",
    "human_mistake",
    "human_skills",
    "human_resources",
    "human_miscommunication",
    "human_other",
    "external_natural_disaster",
    "external_third_party_failure",
    "external_other",
)
"""Root causes, second level (field 4.2)."""

ROOT_CAUSE_FURTHER = (
    "monitoring_of_policy_adherence",
    "monitoring_of_third_party_providers",
    "verification_of_remediation",
    "identity_and_access_management",
    "encryption_and_cryptography",
    "logging",
    "inaccurate_risk_tolerance_levels",
    "insufficient_vulnerability_assessments",
    "inadequate_risk_treatment",
    "poor_management_of_residual_risks",
    "vulnerability_and_patch_management",
    "change_management",
    "capacity_and_performance_management",
    "asset_management_and_classification",
    "backup_and_restore",
    "error_handling",
    "inadequate_acquisition_or_development",
    "insufficient_or_failed_testing",
)
"""Root causes, third level (field 4.3)."""

_GENERAL = (
    text("dora_authority", _OURS, "Our competent authority under DORA", "BaFin"),
    text("lei_code", _OURS, "Our Legal Entity Identifier (LEI)", "00EXAMPLE00000000000"),
    choices("dora_entity_types", _OURS, "Which type of financial entity are we?", ENTITY_TYPES),
    text("dora_submitter", _OURS, "Who else submits for us? Name; code", "Example IT; 00EX…"),
    text(
        "dora_entities_covered",
        _LAW,
        "Which other entities does it cover? Name, LEI",
        "Halden Pension; 00EX…",
    ),
    text("parent_lei", _OURS, "LEI of the ultimate parent undertaking", "00EXAMPLE00000000001"),
    text("reporting_currency", _OURS, "Currency of amounts in reports (ISO 4217)", "EUR"),
    text("dora_case_reference", _LAW, "Which reference did the DORA authority give us?", "I-123"),
)

_INITIAL = (
    choices("dora_criteria", _LAW, "Which criteria made the incident a major one?", CRITERIA),
    choices("dora_discovery", _STORY, "Who or what discovered it?", DISCOVERERS, several=False),
    yes_no(
        "third_party_origin",
        _STORY,
        "Does it originate from a third-party provider or another financial entity?",
    ),
    text("third_party_detail", _STORY, "Which one? Name, LEI or EUID", "Example Cloud Ltd, …"),
    yes_no("continuity_plan_activated", _STORY, "Was a business continuity plan activated?"),
    text(
        "reclassification_reasons",
        _LAW,
        "Why isn't it a major incident after all?",
        "fewer clients",
    ),
    text("other_information", _STORY, "What else should the authority know?", "a supplier …"),
)

_INTERMEDIATE = (
    yes_no("service_interrupted", _STORY, "Was a service or activity interrupted?"),
    instant("activities_recovered_at", _TIMES, "When were regular activities recovered?"),
    text("service_downtime", _STORY, "How long was it down, in days:hours:minutes?", "0:06:30"),
    text("incident_duration", _STORY, "How long did it last, in days:hours:minutes?", "2:11:15"),
    count("clients_affected", _PEOPLE, "How many clients are affected?", "1450"),
    text("clients_percent", _PEOPLE, "What share of all clients is that, in per cent?", "0.9"),
    count("counterparts_affected", _PEOPLE, "How many financial counterparts are affected?", "3"),
    text("counterparts_percent", _PEOPLE, "What share of all counterparts, in per cent?", "2.5"),
    yes_no("relevant_clients_affected", _LAW, "Are relevant clients or counterparts affected?"),
    yes_no("transactions_hit", _STORY, "Are transactions affected?"),
    count("transactions_affected", _STORY, "How many transactions are affected?", "210"),
    text("transactions_percent", _STORY, "What share of all transactions, in per cent?", "0.4"),
    count("transactions_value", _STORY, "Their value, in whole units of the currency?", "184000"),
    choices("reputation_kinds", _LAW, "Which reputational impact is there?", REPUTATION),
    text("reputation_detail", _STORY, "What is known of it?", "two newspapers, 40 complaints"),
    choices(
        "member_state_impact",
        _LAW,
        "Who is affected in other Member States?",
        MEMBER_STATE_IMPACT,
    ),
    text("member_state_detail", _STORY, "How are other Member States affected?", "NL: 120 …"),
    choices("data_loss_kinds", _LAW, "What of the data was lost?", DATA_LOSSES),
    text("data_loss_detail", _STORY, "Which data was lost, and how?", "copies of claims files"),
    choices("dora_incident_types", _LAW, "Of which type is the incident?", INCIDENT_TYPES),
    text("dora_incident_type_other", _STORY, "Which other type?", "misuse of an access right"),
    choices("threat_techniques", _STORY, "Which threats and techniques were used?", TECHNIQUES),
    text("threat_technique_other", _STORY, "Which other technique?", "approval fatigue"),
    text("affected_functions", _STORY, "Which functional areas and processes?", "claims handling"),
    choices(
        "infrastructure_affected",
        _STORY,
        "Are infrastructure components that support business processes affected?",
        ("yes", "no", "information_not_available"),
        several=False,
    ),
    text("infrastructure_detail", _STORY, "Which components?", "archive server, sign-in service"),
    choices("authorities_told", _STORY, "Which other authorities were told?", AUTHORITIES),
    text(
        "recovery_measures", _STORY, "What is done for now to recover (or “none”)?", "paper files"
    ),
)

_FINAL = (
    choices("root_cause_classes", _LAW, "Of which class are the root causes?", ROOT_CAUSES),
    choices("root_cause_details", _LAW, "Of which kind within it?", ROOT_CAUSE_DETAILS),
    choices("root_cause_further", _LAW, "And more closely, if it fits?", ROOT_CAUSE_FURTHER),
    text(
        "root_cause_other",
        _STORY,
        "Which other kind of root cause?",
        "no limit on sign-in requests",
    ),
    text("resolution_summary", _STORY, "How was the incident resolved?", "rebuilt, keys replaced"),
    instant("root_cause_addressed_at", _TIMES, "When was the root cause addressed?"),
    instant("incident_resolved_at", _TIMES, "When was the incident resolved?"),
    text(
        "resolution_plan_change",
        _STORY,
        "Why was it resolved later than planned?",
        "keys came late",
    ),
    text(
        "critical_function_risk", _LAW, "Which risk is there to critical functions?", "none found"
    ),
    text(
        "resolvability_information",
        _LAW,
        "What must resolution authorities know?",
        "no effect on it",
    ),
    text("economic_impact_detail", _LAW, "Which economic threshold was met?", "EUR 100,000"),
    count("gross_costs", _LAW, "Gross costs and losses, in whole units of the currency?", "412000"),
    count("financial_recoveries", _LAW, "Recovered of that, in whole units?", "150000"),
    yes_no("recurring_incidents", _LAW, "Is it several recurring incidents, not major alone?"),
    text("recurring_detail", _STORY, "How often, with what common cause?", "twice, same cause"),
    text("recurring_dates", _STORY, "When did the recurring ones occur?", "3 and 9 February 2026"),
)

FACTS: tuple[FactType, ...] = (*_GENERAL, *_INITIAL, *_INTERMEDIATE, *_FINAL)
