"""The dictionary of facts: every name that may be recorded, its type, choices and wording.

Pure data. Playbooks, obligations and notice templates may only use names that stand here;
their loaders refuse any other. How values are read and checked is in `facts`.
"""

from functools import lru_cache
from types import MappingProxyType

from bot.domain import facts_eu_authorities, facts_partners, facts_people, facts_us_authorities
from bot.domain.fact_types import FactGroup, FactKind, FactType, text
from bot.domain.legal_words import DATA_ELEMENTS, ENTITY_TYPES, LEGAL_QUESTIONS, LEGAL_TIMES


def _times() -> list[FactType]:
    def instant(name: str, label: str) -> FactType:
        return FactType(
            name=name,
            kind=FactKind.INSTANT,
            group=FactGroup.TIMES,
            label=label,
            example="2026-03-02 10:00",
        )

    return [
        instant("aware_at", "When did we become aware, with reasonable certainty?"),
        instant("discovered_at", "When was the breach discovered, or someone told us of it?"),
        instant("determined_at", "When did we determine that a breach occurred?"),
        instant("materiality_determined_at", "When was the incident determined to be material?"),
        instant("breach_started_at", "When did the breach begin, as far as known?"),
        instant("breach_ended_at", "When did the breach end?"),
        instant("individuals_notified_at", "When were the affected people first notified?"),
        *(instant(name, label) for name, label in LEGAL_TIMES),
        FactType(
            name="enrol_by",
            kind=FactKind.DATE,
            group=FactGroup.SERVICES,
            label="Until when can people enrol in the offered service?",
            example="2026-06-30",
        ),
    ]


def _people() -> list[FactType]:
    group = FactGroup.PEOPLE
    return [
        FactType(
            name="personal_data_involved",
            kind=FactKind.YES_NO,
            group=group,
            label="Is personal data involved?",
            example="yes",
        ),
        FactType(
            name="affected_total",
            kind=FactKind.COUNT,
            group=group,
            label="How many people are affected, in all places?",
            example="1450",
        ),
        FactType(
            name="records_total",
            kind=FactKind.COUNT,
            group=group,
            label="How many records are affected?",
            example="3200",
        ),
        FactType(
            name="residents",
            kind=FactKind.COUNT,
            group=group,
            label="How many residents of this place are affected?",
            example="1200",
            per_jurisdiction=True,
        ),
        FactType(
            name="data_elements",
            kind=FactKind.CHOICES,
            group=group,
            label="Which kinds of personal data?",
            example="name, ssn",
            choices=DATA_ELEMENTS,
        ),
        FactType(
            name="encryption",
            kind=FactKind.CHOICE,
            group=group,
            label="Was the data encrypted?",
            example="not_encrypted",
            choices=("not_encrypted", "partly", "encrypted"),
        ),
        FactType(
            name="encryption_key_taken",
            kind=FactKind.YES_NO,
            group=group,
            label="Could the key or credential that opens the data have been taken too?",
            example="no",
        ),
        FactType(
            name="breach_kinds",
            kind=FactKind.CHOICES,
            group=group,
            label="What was lost: confidentiality, integrity, availability?",
            example="confidentiality",
            choices=("confidentiality", "integrity", "availability"),
        ),
    ]


def _story() -> list[FactType]:
    group = FactGroup.STORY
    return [
        text("what_happened", group, "What happened?", "On 2 March an intruder copied …"),
        text("how_discovered", group, "How was it discovered?", "An alert on the database …"),
        text("subject_categories", group, "Which groups of people?", "policyholders, claimants"),
        text("record_categories", group, "Which kinds of records?", "claims files, bank details"),
        text("likely_consequences", group, "What may it mean for people?", "identity theft, …"),
        text("measures_taken", group, "What have we done?", "access closed, passwords reset"),
        text("measures_planned", group, "What will we do?", "penetration test in April"),
        text("advice_to_people", group, "What should people do?", "watch your statements"),
        text("delay_reasons", group, "Why is the notice late, if it is?", "the scope was unclear"),
    ]


def _law() -> list[FactType]:
    group = FactGroup.LAW
    return [
        FactType(
            name="risk_to_people",
            kind=FactKind.CHOICE,
            group=group,
            label="Risk to people's rights and freedoms?",
            example="high",
            choices=("unlikely", "likely", "high"),
        ),
        FactType(
            name="organisation_role",
            kind=FactKind.CHOICE,
            group=group,
            label="Are we the controller of this data or a processor for others?",
            example="controller",
            choices=("controller", "processor"),
        ),
        *(
            FactType(name=name, kind=FactKind.YES_NO, group=group, label=label, example="no")
            for name, label in LEGAL_QUESTIONS
        ),
    ]


def _services() -> list[FactType]:
    group = FactGroup.SERVICES
    return [
        FactType(
            name="credit_monitoring_months",
            kind=FactKind.COUNT,
            group=group,
            label="Months of identity-theft or credit-monitoring service offered?",
            example="12",
        ),
        text(
            "credit_monitoring_provider",
            group,
            "Who provides it?",
            "Acme ID Watch",
            reads_alike=True,
        ),
        text("enrolment_how", group, "How do people enrol?", "www.example.com/enrol, code …"),
    ]


def _organisation() -> list[FactType]:
    group = FactGroup.ORGANISATION
    return [
        text("organisation_name", group, "Our name", "Halden Mutual Insurance"),
        text("organisation_address", group, "Our postal address", "1 Main Street, …"),
        text("parent_organisation", group, "Parent or affiliated corporation", "Halden Group SE"),
        FactType(
            name="established_in",
            kind=FactKind.CHOICES,
            group=group,
            label="Where are we established? (ISO 3166 codes)",
            example="DE, US-CA",
        ),
        FactType(
            name="entity_types",
            kind=FactKind.CHOICES,
            group=group,
            label="What are we in the eyes of sector laws?",
            example="dora_financial_entity, insurance_licensee",
            choices=ENTITY_TYPES,
            may_be_none=True,
        ),
        text("lead_authority", group, "Lead supervisory authority", "HmbBfDI"),
        text("dpo_name", group, "Data protection officer", "Dr. I. Sommer"),
        text("dpo_email", group, "Data protection officer's e-mail", "dpo@example.com"),
        text("dpo_phone", group, "Data protection officer's telephone", "+49 40 555 0100"),
        text("contact_name", group, "Contact for people", "Privacy Office"),
        text("contact_email", group, "Contact's e-mail", "privacy@example.com"),
        text("contact_phone", group, "Contact's telephone", "+1 916 555 0100"),
        text("helpline_phone", group, "Toll-free helpline", "+1 800 555 0199"),
        text(
            "helpline_hours",
            group,
            "Helpline hours",
            "Monday to Friday, 6 am to 6 pm Pacific",
            reads_alike=False,
        ),
        text("website", group, "Web page for people", "www.example.com/notice"),
        text("home_zone", group, "Our time zone (IANA)", "Europe/Berlin"),
    ]


_SPOKEN = {"ssn": "Social Security number", "tax_id": "tax number", "state_id": "state ID"}


@lru_cache(maxsize=1000)
def spoken(name: str) -> str:
    """Say a name or choice of the dictionary in words: `risk_to_people` → risk to people."""
    return _SPOKEN.get(name, name.replace("_", " "))


FACT_TYPES = MappingProxyType(
    {
        one.name: one
        for one in [
            *_times(),
            *_people(),
            *_story(),
            *_law(),
            *_services(),
            *_organisation(),
            *facts_eu_authorities.FACTS,
            *facts_us_authorities.FACTS,
            *facts_people.FACTS,
            *facts_partners.FACTS,
        ]
    }
)
"""Every fact there is, by name."""
