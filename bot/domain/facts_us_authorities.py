"""Facts that only the forms of US authorities ask for: HHS, SEC, attorneys general, banks.

Pure data; part of `fact_dictionary`.
"""

from bot.domain.fact_types import (
    FactGroup,
    FactKind,
    FactType,
    choices,
    instant,
    text,
    yes_no,
)

HHS_BREACH_TYPES = (
    "hacking_it_incident",
    "improper_disposal",
    "loss",
    "theft",
    "unauthorized_access_disclosure",
)
"""Kinds of breach that the portal of the HHS Office for Civil Rights offers."""

HHS_LOCATIONS = (
    "desktop_computer",
    "electronic_medical_record",
    "email",
    "laptop",
    "network_server",
    "other_portable_device",
    "paper_films",
    "other",
)
"""Places of the information that the portal offers."""

HHS_SAFEGUARDS = (
    "no_safeguards",
    "privacy_rule",
    "security_rule_administrative",
    "security_rule_physical",
    "security_rule_technical",
)
"""Safeguards before the breach that the portal offers."""


def _filer(name: str, label: str, example: str) -> FactType:
    # Who signs is a person: behind a commitment, although the group is our organisation.
    return FactType(
        name=name,
        kind=FactKind.TEXT,
        group=FactGroup.ORGANISATION,
        label=label,
        example=example,
        personal=True,
    )


def _day(name: str, label: str) -> FactType:
    return FactType(
        name=name, kind=FactKind.DATE, group=FactGroup.TIMES, label=label, example="2026-03-12"
    )


def _filers() -> list[FactType]:
    group = FactGroup.ORGANISATION
    return [
        _filer("reporter_name", "Who files the notice with the authority?", "Jordan Doe"),
        _filer("reporter_title", "What is the title of who files it?", "General Counsel"),
        _filer("reporter_relationship", "How is who files it related to us?", "employee"),
        text("organisation_type", group, "What kind of organisation are we?", "insurer"),
        text("federal_employer_id", group, "Our federal employer number (FEIN)", "00-0000000"),
        yes_no("wisp_maintained", group, "Is a written information security program kept up?"),
    ]


def _state_notices() -> list[FactType]:
    story, law, services = FactGroup.STORY, FactGroup.LAW, FactGroup.SERVICES
    return [
        _day("individuals_notice_planned_on", "On which day will the affected people be told?"),
        choices(
            "notice_methods",
            services,
            "How are the affected people told?",
            ("letter", "email", "telephone", "website_posting", "media_notice"),
        ),
        FactType(
            name="residents_sent_notice",
            kind=FactKind.COUNT,
            group=FactGroup.PEOPLE,
            label="How many residents of this place were sent the notice so far?",
            example="1150",
            per_jurisdiction=True,
        ),
        yes_no("free_services_offered", services, "Are services offered to people free of charge?"),
        yes_no("law_enforcement_engaged", law, "Is law enforcement investigating the breach?"),
        yes_no("law_enforcement_consulted", law, "Was law enforcement consulted on likely harm?"),
        text("law_enforcement_agency", law, "Which law enforcement agency?", "FBI, field office"),
        text("investigation_steps", story, "What was done to investigate?", "logs were examined"),
        text(
            "responsible_person", story, "Who caused the breach, if known?", "a former contractor"
        ),
        text("wisp_changes", story, "How does the security program (WISP) change?", "…"),
        yes_no(
            "credit_monitoring_certified",
            services,
            "Does counsel certify that the credit monitoring meets M.G.L. c. 93H § 3A?",
        ),
        text("monetary_impact", story, "What does the breach cost, as far as known?", "$120,000"),
        text("safeguards_before", story, "What protected the data before?", "sign-in, logging"),
        text("foreign_involvement", law, "Is a foreign country involved, as far as known?", "no"),
        text("no_harm_reasons", law, "Which inquiry and facts show that no harm is likely?", "…"),
    ]


def _hhs() -> list[FactType]:
    law, story = FactGroup.LAW, FactGroup.STORY
    return [
        choices(
            "hipaa_entity_kind",
            FactGroup.ORGANISATION,
            "What kind of HIPAA covered entity?",
            ("health_plan", "healthcare_provider", "healthcare_clearinghouse"),
            several=False,
        ),
        yes_no("at_business_associate", law, "Was the breach at or by a business associate?"),
        text("business_associate", story, "Which business associate?", "Acme Billing, Inc."),
        text(
            "business_associate_contact",
            story,
            "Business associate's address and contact",
            "1 Example Street; Privacy Office, +1 916 555 0110",
        ),
        instant("discovery_ended_at", FactGroup.TIMES, "When was the last of the breach found?"),
        choices("hhs_breach_types", law, "Which kind of breach, in HHS's words?", HHS_BREACH_TYPES),
        choices("hhs_locations", law, "Where was the health information (HHS)?", HHS_LOCATIONS),
        choices(
            "phi_kinds",
            FactGroup.PEOPLE,
            "Which kinds of health information (HHS)?",
            ("clinical", "demographic", "financial", "other"),
        ),
        choices("hhs_safeguards", law, "Which safeguards were there before (HHS)?", HHS_SAFEGUARDS),
        yes_no("substitute_notice", law, "Was substitute notice required (HIPAA)?"),
        yes_no("media_notice", law, "Was media notice required (HIPAA)?"),
        text("hhs_report_number", law, "HHS's number of the first report, if one was made", "…"),
    ]


def _sec() -> list[FactType]:
    story = FactGroup.STORY
    return [
        text("sec_nature", story, "The incident's nature, in words for investors", "…"),
        text("sec_scope", story, "Its scope, in words for investors", "two business units"),
        text("sec_impact", story, "Material impact on operations, customers, reputation?", "…"),
        text("sec_financial_impact", story, "Material impact on finances and results?", "…"),
        text("sec_cautionary_words", story, "Cautionary words that counsel wants added", "…"),
        text("sec_file_number", FactGroup.ORGANISATION, "SEC Commission file number", "001-00000"),
        _day("sec_8k_filed_on", "When was the first Form 8-K about the incident filed?"),
        text("sec_new_information", story, "What was open in the Form 8-K and is known now?", "…"),
    ]


def _supervisors() -> list[FactType]:
    story, law = FactGroup.STORY, FactGroup.LAW
    return [
        choices(
            "bank_regulator",
            FactGroup.ORGANISATION,
            "Which is our primary federal banking regulator?",
            ("occ", "federal_reserve", "fdic"),
            several=False,
        ),
        choices(
            "bank_incident_effects",
            law,
            "What is disrupted, or reasonably likely to be (36-hour rule)?",
            ("banking_operations", "business_line", "financial_stability"),
        ),
        text("operational_impact", story, "What doesn't work, for whom?", "online banking is down"),
        choices(
            "dfs_grounds",
            law,
            "Why is it a cybersecurity incident for NYDFS?",
            ("other_authority_notified", "material_harm_likely", "ransomware_deployed"),
        ),
        choices(
            "incident_location",
            law,
            "Where did the incident happen?",
            ("own_systems", "affiliate", "third_party_provider"),
            several=False,
        ),
        text("incident_location_name", story, "Which affiliate or provider?", "Acme Hosting, Inc."),
        text("other_authorities", law, "Which other authorities were or will be told?", "FBI"),
        text("dfs_entity_id", FactGroup.ORGANISATION, "Our number with NYDFS or NMLS", "000000"),
    ]


FACTS: tuple[FactType, ...] = (
    *_filers(),
    *_state_notices(),
    *_hhs(),
    *_sec(),
    *_supervisors(),
)
