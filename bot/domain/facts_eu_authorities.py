"""Facts that only the forms of European authorities ask for: ICO, NIS2, DORA, phases of Art. 33.

Pure data; part of `fact_dictionary`. What only DORA's template asks for stands in `facts_dora`.
"""

from bot.domain import facts_dora
from bot.domain.fact_types import FactGroup, FactKind, FactType, choices, instant, text, yes_no

_TIMES = FactGroup.TIMES
_PEOPLE = FactGroup.PEOPLE
_STORY = FactGroup.STORY
_LAW = FactGroup.LAW
_OURS = FactGroup.ORGANISATION

_CONTACTS = (
    text(
        "authority_contact_name",
        _OURS,
        "Who speaks for us with authorities about the incident?",
        "Maren Keller, head of security",
    ),
    text("authority_contact_email", _OURS, "That person's e-mail", "soc@example.com"),
    text("authority_contact_phone", _OURS, "That person's telephone", "+49 40 555 0110"),
    text("second_contact_name", _OURS, "Second contact for authorities", "Jonas Brandt, CIO"),
    text("second_contact_email", _OURS, "Second contact's e-mail", "cio@example.com"),
    text("second_contact_phone", _OURS, "Second contact's telephone", "+49 40 555 0111"),
)

_GDPR = (
    instant("gdpr_first_notified_at", _TIMES, "When was the data protection authority notified?"),
    instant(
        "gdpr_last_report_at",
        _TIMES,
        "When did the data protection authority last get a report, if after its first?",
    ),
    text(
        "gdpr_case_reference",
        _LAW,
        "Which reference did the data protection authority give us?",
        "D54.07-26-0815",
    ),
)

ICO_DATA_CATEGORIES = (
    "race_or_ethnicity",
    "political_opinions",
    "religion_or_philosophy",
    "trade_union_membership",
    "sex_life",
    "sexual_orientation",
    "health",
    "basic_identifiers",
    "identification_data",
    "economic_or_financial",
    "official_documents",
    "location",
    "genetic_or_biometric",
    "criminal_convictions",
    "not_yet_known",
    "other",
)
"""The kinds of data to tick in the breach report form of the UK's Information Commission."""

ICO_SUBJECT_GROUPS = (
    "employees",
    "users",
    "subscribers",
    "students",
    "customers",
    "prospective_customers",
    "patients",
    "children",
    "vulnerable_adults",
    "not_yet_known",
    "other",
)
"""The groups of people to tick in the same form."""

_ICO = (
    choices(
        "ico_report_kind",
        _LAW,
        "Is it our initial report to the Information Commission, or a follow-up?",
        ("initial", "follow_up"),
        several=False,
    ),
    text(
        "ico_case_reference",
        _LAW,
        "Which case reference did the Information Commission give us?",
        "IC-000000-X0X0",
    ),
    text("ico_registration_number", _OURS, "Our data protection registration (UK)", "ZA000000"),
    choices(
        "ico_data_categories",
        _PEOPLE,
        "Which kinds of data, in the words of the Information Commission's form?",
        ICO_DATA_CATEGORIES,
    ),
    choices(
        "ico_subject_groups",
        _PEOPLE,
        "Which groups of people, in the words of the Information Commission's form?",
        ICO_SUBJECT_GROUPS,
    ),
    choices(
        "ico_likelihood",
        _LAW,
        "How likely are significant consequences for people?",
        ("very_likely", "likely", "neutral", "unlikely", "very_unlikely", "not_yet_known"),
        several=False,
    ),
    yes_no("cyber_incident", _STORY, "Was the breach caused by a cyber incident?"),
    choices(
        "ico_organisation_impact",
        _STORY,
        "How hard does the cyber incident hit us?",
        ("high", "medium", "low", "not_yet_known"),
        several=False,
    ),
    choices(
        "ico_recovery_time",
        _STORY,
        "How predictable is our recovery?",
        ("regular", "supplemented", "extended", "not_recoverable", "complete", "not_yet_known"),
        several=False,
    ),
    choices(
        "staff_training",
        _STORY,
        "Were the staff involved trained in data protection in the last two years?",
        ("yes", "no", "no_staff_involved"),
        several=False,
    ),
    text("staff_training_detail", _STORY, "Which training was it?", "e-learning, June 2025"),
    text("prior_measures", _STORY, "What was in place to prevent this?", "sign-in with a second …"),
    choices(
        "people_informed",
        _STORY,
        "Have the affected people been told?",
        ("told", "being_told", "already_aware", "planned", "decided_not_to", "undecided"),
        several=False,
    ),
    text("others_informed", _STORY, "Which other bodies know, or will?", "police (2 March), BaFin"),
)

_NIS2 = (
    text("nis2_authority", _OURS, "Our CSIRT or competent authority under NIS2", "BSI"),
    text("nis2_sector", _OURS, "Our sector and service under NIS2", "digital infrastructure, DNS"),
    choices(
        "nis2_entity_class",
        _OURS,
        "Are we an essential or an important entity under NIS2?",
        ("essential", "important"),
        several=False,
    ),
    text("nis2_case_reference", _LAW, "Which reference did the NIS2 authority give us?", "V-1234"),
    instant("nis2_warned_at", _TIMES, "When was the NIS2 early warning given?"),
    instant("nis2_notified_at", _TIMES, "When was the NIS2 incident notification submitted?"),
    yes_no(
        "unlawful_or_malicious",
        _LAW,
        "Is it suspected that unlawful or malicious acts caused the incident?",
    ),
    yes_no("cross_border_impact", _LAW, "Has it, or could it have, an impact across borders?"),
    text("cross_border_detail", _STORY, "What is that impact across borders?", "Dutch clients …"),
    FactType(
        name="affected_member_states",
        kind=FactKind.CHOICES,
        group=_LAW,
        label="Which Member States are affected, our own included? (ISO 3166 codes)",
        example="DE, NL",
    ),
    text(
        "affected_services", _STORY, "Which services are affected, critical ones first?", "claims"
    ),
    text("severity_assessment", _STORY, "How severe is it?", "the archive is down, claims halt"),
    text("impact_assessment", _STORY, "What is its impact?", "1,450 people, two days, Germany"),
    text(
        "indicators_of_compromise",
        _STORY,
        "Which indicators of compromise are there?",
        "203.0.113.7; SHA-256 …",
    ),
    text("measures_ongoing", _STORY, "Which measures still go on?", "all keys are being replaced"),
    text("root_cause", _STORY, "What was the type of threat or the root cause?", "stolen password"),
    yes_no("incident_ongoing", _STORY, "Does the incident still go on?"),
    text("status_update", _STORY, "What has changed since the last report?", "restored from …"),
    text("status_requested_by", _LAW, "Who asked for the status, and when?", "BSI, 9 March 2026"),
)

FACTS: tuple[FactType, ...] = (*_CONTACTS, *_GDPR, *_ICO, *_NIS2, *facts_dora.FACTS)
