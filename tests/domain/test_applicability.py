"""Which duties apply, from the facts of an incident. Conditions have a file of their own."""

from collections.abc import Mapping

import pytest
from obligation_kit import facts

from bot.domain.applicability import Verdict, assess
from bot.domain.facts import FactValue
from bot.domain.obligations import Obligation
from bot.domain.verdicts import verdict_of

Pack = Mapping[str, Obligation]

YES, NO, OPEN = Verdict.APPLIES, Verdict.DOES_NOT_APPLY, Verdict.CANNOT_TELL

Known = Mapping[str, FactValue]

SSN: Known = {"personal_data_involved": True, "data_elements": ("name", "ssn")}
HALDEN: Known = {"established_in": ("DE", "US-CA"), "organisation_role": "controller"}
HIPAA: Known = {
    "entity_types": ("hipaa_covered_entity",), "data_elements": ("name", "medical"),
}  # fmt: skip
SAFE: Known = {"encryption": "encrypted", "encryption_key_taken": False}

CASES: list[tuple[str, Known, Verdict, str]] = [
    # obligation, facts, verdict, why
    ("EU-GDPR-33-SA", {**HALDEN, "personal_data_involved": True}, YES, "established, risk unknown"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "risk_to_people": "likely"}, YES, "a risk is enough"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "risk_to_people": "unlikely"}, NO, "Art. 33(1) exemption"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "organisation_role": "processor"}, NO, "processor"),
    ("EU-GDPR-33-SA", {**HALDEN, **SSN, "organisation_role": None}, OPEN, "role unknown"),
    ("EU-GDPR-33-SA", {**HALDEN, "personal_data_involved": False}, NO, "no personal data"),
    ("EU-GDPR-33-SA", {**HALDEN}, OPEN, "nobody has said whether personal data is involved"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("US-CA",),
                       "residents:FR": 3}, YES, "residents of an EU country"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("US-CA",),
                       "residents:NO": 1}, YES, "the EEA counts"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("CH",),
                       "residents:CH": 9}, OPEN, "Switzerland is outside; EU residents unknown"),
    ("EU-GDPR-33-SA", {**SSN, "organisation_role": "controller", "established_in": ("CH",),
                       "residents:EU": 0}, NO, "no EU residents, not established there"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, "risk_to_people": "high"}, YES, "high risk"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN}, OPEN, "risk not recorded"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, "risk_to_people": "likely"}, NO, "not high"),
    ("EU-GDPR-34-IND", {**HALDEN, **SSN, **SAFE, "risk_to_people": "high"}, NO, "Art. 34(3)(a)"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN, "residents:GB": 1}, YES, "a UK resident"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN, "residents:GB": 0}, NO, "neither residents nor seat"),
    ("GB-UKGDPR-33", {**HALDEN, **SSN}, OPEN, "UK residents not counted"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1}, YES, "one resident is enough"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE}, NO, "encrypted, key safe"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE, "encryption_key_taken": True}, YES, "key"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, **SAFE, "encryption_key_taken": None}, YES,
     "an exemption that isn't shown doesn't stop the clock"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, "encryption": "partly"}, YES, "partly isn't all"),
    ("US-CA-IND", {"data_elements": ("name", "email"), "residents:US-CA": 5}, NO, "no listed kind"),
    ("US-CA-IND", {"data_elements": ("online_credentials",), "residents:US-CA": 5}, YES, "login"),
    ("US-CA-IND", {"data_elements": ("ssn",), "residents:US-CA": 5}, OPEN, "without a name"),
    ("US-CA-IND", {"data_elements": ("name", "other"), "residents:US-CA": 5}, OPEN, "unlisted"),
    ("US-CA-IND", {"data_elements": ("name", "passport"), "residents:US-CA": 5}, YES, "passport"),
    ("US-CA-AG", {**SSN, "residents:US-CA": 500}, NO, "more than 500"),
    ("US-CA-AG", {**SSN, "residents:US-CA": 501}, YES, "more than 500"),
    ("US-NY-IND", {"data_elements": ("name", "biometric"), "residents:US-NY": 1}, YES, "biometric"),
    ("US-NY-IND", {"data_elements": ("name", "passport"), "residents:US-NY": 1}, NO, "not listed"),
    ("US-NY-AG", {**SSN, "residents:US-NY": 1}, YES, "no threshold"),
    ("US-TX-IND", {"data_elements": ("medical",), "residents:US-TX": 1}, YES, "health, no name"),
    ("US-TX-IND", {"data_elements": ("online_credentials",), "residents:US-TX": 1}, NO, "login"),
    ("US-TX-AG", {**SSN, "residents:US-TX": 249}, NO, "from 250"),
    ("US-TX-AG", {**SSN, "residents:US-TX": 250}, YES, "from 250"),
    ("US-FL-IND", {"data_elements": ("name", "passport"), "residents:US-FL": 1}, YES, "passport"),
    ("US-MA-IND", {"data_elements": ("name", "payment_card"), "residents:US-MA": 1}, YES, "card"),
    ("US-MA-IND", {"data_elements": ("name", "medical"), "residents:US-MA": 1}, NO, "not listed"),
    ("US-SEC-8K-105", {"sec_registrant": True, "material": True}, YES, "material"),
    ("US-SEC-8K-105", {"sec_registrant": True}, OPEN, "materiality open"),
    ("US-SEC-8K-105", {"sec_registrant": True, "material": False}, NO, "not material"),
    ("US-SEC-8K-105", {"sec_registrant": False, "material": True}, NO, "no registrant"),
    ("US-HIPAA-HHS-500", {**HIPAA, "affected_total": 499}, NO, "from 500, wherever they live"),
    ("US-HIPAA-HHS-500", {**HIPAA, "affected_total": 500}, YES, "from 500"),
    ("US-HIPAA-HHS-LT500", {**HIPAA, "affected_total": 499}, YES, "the yearly log"),
    ("US-HIPAA-HHS-LT500", {**HIPAA, "affected_total": 500}, NO, "told at once instead"),
    ("US-HIPAA-MEDIA", {**HIPAA, "residents:US-TX": 500}, OPEN, "another state may have more"),
    ("US-HIPAA-MEDIA", {**HIPAA, "residents:US-TX": 501}, YES, "more than 500 in one state"),
    ("US-HIPAA-MEDIA", {**HIPAA, "residents:US": 500}, NO, "no state can have more"),
    ("US-HIPAA-IND", {**HIPAA, "entity_types": ("employer",)}, NO, "no covered entity"),
    ("EU-DORA-INIT-AWARE", {"entity_types": ("dora_financial_entity",)}, OPEN, "major?"),
    ("EU-DORA-INIT-AWARE", {"entity_types": (), "major_ict_incident": True}, NO, "none of them"),
    ("EU-NIS2-EW", {"entity_types": ("nis2_entity",), "significant_incident": True}, YES, "both"),
    ("US-NY-DFS-RANSOM-24H", {"entity_types": ("nydfs_covered_entity",), "ransom_paid": True}, YES,
     "paid, nobody knows when"),
    ("US-NY-DFS-RANSOM-24H", {"entity_types": ("nydfs_covered_entity",)}, OPEN, "paid?"),
    ("US-NY-DFS-RANSOM-24H", {"entity_types": ("nydfs_covered_entity",), "ransom_paid": False}, NO,
     "not paid"),
    ("US-GA-VENDOR", {**SSN, "organisation_role": "processor", "residents:US-GA": 1}, YES,
     "we keep the data for others"),
    ("US-GA-VENDOR", {**SSN, "organisation_role": "controller", "residents:US-GA": 1}, NO, "ours"),
    ("US-IL-AG-GOV", {**SSN, "residents:US-IL": 251, "entity_types": ("employer",)}, NO,
     "state agencies only"),
    ("US-IL-AG-GOV", {**SSN, "residents:US-IL": 251, "entity_types": ("government_agency",)}, YES,
     "more than 250"),
    ("US-IA-AG", {**SSN, "residents:US-IA": 500}, NO, "more than 500"),
    ("US-VT-AG-PRELIM", {**SSN, "residents:US-VT": 1}, YES, "no threshold"),
    ("US-MD-IND", {**SSN, "residents:US-MD": 1, "misuse_likely": False}, NO, "no misuse likely"),
    ("US-CA-IND", {**SSN, "residents:US-CA": 1, "misuse_likely": False}, YES,
     "California has no such exemption"),
    ("US-PR-DACO", {**SSN, "residents:US-PR": 1}, YES, "Puerto Rico is not a state"),
    ("JP-APPI-FINAL", {"residents:JP": 1, "data_elements": ("medical",),
                       "organisation_role": "controller"}, OPEN, "improper purpose?"),
    ("JP-APPI-FINAL-60", {"residents:JP": 1, "data_elements": ("name", "medical"),
                          "improper_purpose": True}, YES, "improper purpose"),
    ("EU-CRA-VULN-24H", {"entity_types": ("product_manufacturer",),
                         "exploited_vulnerability": True}, YES, "actively exploited"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("obligation_id", "known", "verdict", "why"), CASES, ids=[f"{c[0]} {c[3]}" for c in CASES]
)
def test_verdict(obligation_id: str, known: Known, verdict: Verdict, why: str, pack: Pack) -> None:
    found = assess(pack[obligation_id], facts(known))
    assert found.verdict is verdict, f"{why}: {found.reasons}"
    assert found.reasons
    assert bool(found.missing) == (verdict is OPEN)
    assert verdict_of(pack[obligation_id], facts(known)) is verdict


def test_nothing_known_asks_for_what_each_duty_needs(pack: Pack) -> None:
    found = assess(pack["US-CA-IND"], {})
    assert found.missing == ("personal_data_involved", "residents:US-CA", "data_elements")
    found = assess(pack["EU-GDPR-33-SA"], {})
    assert found.missing == (
        "personal_data_involved",
        "established_in",
        "organisation_role",
        "residents:EU",
    ), "established_in or residents: either is enough, one of them is asked for first"


def test_reasons_say_what_decided(pack: Pack) -> None:
    found = assess(
        pack["US-CA-IND"],
        facts({**SSN, "residents:US-CA": 1200}, estimated=("residents:US-CA",)),
    )
    assert found.reasons == (
        "personal data is involved (name, Social Security number)",
        "1,200 residents of US-CA are affected (estimated)",
        "data elements include Social Security number",
        "data elements include name",
        (
            "no exemption shown yet (the data was encrypted, and neither key nor credential was "
            "taken): encryption isn't recorded; encryption key taken isn't recorded"
        ),
    )
    assert found.facts == ("data_elements", "residents:US-CA")
    assert found.open_questions == ("encryption", "encryption_key_taken")


def test_an_exemption_is_named(pack: Pack) -> None:
    found = assess(pack["EU-GDPR-33-SA"], facts({**HALDEN, **SSN, "risk_to_people": "unlikely"}))
    assert found.exemption == (
        "the breach is unlikely to result in a risk to people's rights and freedoms"
    )
    assert found.reasons == (f"exempt – {found.exemption}", "risk to people: unlikely")


def test_an_exemption_says_nothing_where_the_duty_does_not_apply_anyway(pack: Pack) -> None:
    found = assess(pack["US-CA-IND"], facts({**SSN, **SAFE, "residents:US-CA": 0}))
    assert (found.verdict, found.exemption) == (NO, "")
    assert found.reasons == ("no residents of US-CA are affected",)


def test_a_question_about_data_without_a_name_says_so(pack: Pack) -> None:
    known = facts({"data_elements": ("ssn",), "residents:US-MA": 5})
    found = assess(pack["US-MA-IND"], known)
    told = "include Social Security number without a name: counsel has to say if that counts"
    assert found.reasons == (f"data elements {told}",)
    assert found.missing == ("data_elements",)
