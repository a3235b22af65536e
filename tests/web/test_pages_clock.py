"""A duty's own page: why, by when, what it was before, and what counsel rules about it."""

from html import unescape

import pytest
from board_kit import breach, section, text_of
from pages_kit import Site, close_it, message

from bot.services.clock_rulings import overrule_clock
from tests.kit import CHRIS, FARID, LENA, entries_of, log_of

pytestmark = pytest.mark.slow


def test_every_duty_of_the_pack_has_a_page(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    for duty in site.store.rules.obligations.values():
        answer = lena.get(f"{home}/clocks/{duty.id}")
        assert answer.status_code == 200, duty.id
        page = text_of(answer.text)
        for words in (duty.id, duty.citation, duty.counting, duty.source, duty.duty):
            assert " ".join(words.split())[1:] in page, (duty.id, words)
        assert str(duty.verified_on) in page
        if duty.confirm_with_counsel:
            assert "confirm with counsel" in section_or_head(answer.text), duty.id


def section_or_head(page: str) -> str:
    return page[page.index('class="headline"') : page.index('class="clock-page"')]


def test_an_id_in_lower_case_finds_it_and_an_unknown_one_nothing(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    assert "US-CA-IND" in lena.get(f"{home}/clocks/us-ca-ind").text
    for wrong in ("US-XX-IND", "..%2f..%2fetc", "containment"):
        assert lena.get(f"{home}/clocks/{wrong}").status_code == 404


def test_the_page_says_why_and_by_when(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/clocks/EU-GDPR-33-SA").text
    told = text_of(page)
    assert "2 d 22 h left" in told
    assert "Due, strictly Tue 24 Nov 2026, 10:00 CET (24 Nov 09:00 UTC)" in told
    assert "More generous Tue 24 Nov 2026, 11:00 CET" in told
    assert "Counted from Sat 21 Nov 2026, 10:00 CET (21 Nov 09:00 UTC) by aware_at" in told
    decided = text_of(section(page, "h-applies"))
    assert "Applies Personal data is involved" in decided
    assert "5,100 residents of the EU/EEA are affected." in decided
    assert "How many residents of Germany (DE) are affected? residents:DE 4,200" in decided
    assert "confirmed database log, read by Farid" in decided
    assert "DE, US-CA confirmed organisation profile" in decided
    owed = text_of(section(page, "h-do"))
    assert "How far checked Spot-checked only; verify before quoting" in owed
    assert "N-1 Notification of a personal data breach (draft)" in owed
    assert "72 elapsed hours" in text_of(section(page, "h-rule"))
    source = text_of(section(page, "h-source"))
    assert "High confidence, checked on 2026-11-21" in source
    assert "eu_gdpr.yaml, SHA-256" in source


def test_what_cant_be_told_asks_and_says_what_it_would_be(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/clocks/US-MN-CRA").text
    assert "If it applies, due Mon 23 Nov 2026, 02:30 CST" in text_of(page)
    assert f'href="{home}?fact=residents:US-MN#record"' in unescape(page)
    assert "Nothing yet: this duty has never had a clock here." not in page  # it was assessed
    assert "Assessed: can’t tell yet whether it applies" in text_of(page)


def test_a_rule_that_never_runs_says_so(site: Site, ref: str) -> None:
    home = breach(site, ref)
    never = [one for one in site.store.rules.obligations.values() if not one.runs]
    assert len(never) == 14
    for duty in never:
        told = text_of(site.as_(LENA).get(f"{home}/clocks/{duty.id}").text)
        assert "It never runs as a clock" in told
        assert "There is nothing to rule on." in told


def test_a_corrected_trigger_leaves_the_old_deadline_visible(site: Site, ref: str) -> None:
    home = breach(site, ref)
    site.hands.wait(hours=1)
    site.record(
        ref, FARID, {"aware_at": "2026-11-21 07:15 UTC", "discovered_at": "2026-11-21 06:00 UTC"}
    )
    history = section(site.as_(LENA).get(f"{home}/clocks/EU-GDPR-33-SA").text, "h-history")
    assert "<s><time" in history
    told = text_of(history)
    assert "Started , due Tue 24 Nov 2026, 10:00 CET" in told
    assert (
        "Moved Tue 24 Nov 2026, 10:00 CET (24 Nov 09:00 UTC) → Tue 24 Nov 2026, 08:15 CET" in told
    )
    assert "because aware_at is now 2026-11-21 08:15:00 CET" in told
    leaf = next(one.leaf for one in log_of(site.store, ref) if one.event == "clock.due_changed")
    assert f'title="{leaf}"' in history


ACTS = (
    ("BR-LGPD-ANPD", "meet", {"proof": "ANPD-2026-88"}, "Met", "clock.met"),
    ("BR-LGPD-IND", "waive", {"reason": "told in person"}, "Waived", "clock.waived"),
    ("US-FL-IND", "extend", {"reason": "good cause"}, "Running", "clock.extended"),
    (
        "US-NY-AG",
        "overrule",
        {"due": "2026-12-01 17:00", "reason": "agreed"},
        "Running",
        "clock.overruled",
    ),
    (
        "JP-APPI-PRELIM",
        "overrule",
        {"answer": "yes", "reason": "intent"},
        "Running",
        "clock.overruled",
    ),
    ("US-MA-AG", "overrule", {"answer": "no", "reason": "no MA data"}, "Ended", "clock.overruled"),
    ("US-CA-IND", "toll", {"evidence": "1", "reason": "the FBI asked"}, "Held", "clock.tolled"),
)


@pytest.mark.parametrize(("key", "act", "form", "state", "event"), ACTS)
def test_legal_acts_on_the_page_and_nobody_else(
    site: Site, ref: str, *, key: str, act: str, form: dict[str, str], state: str, event: str
) -> None:
    home = breach(site, ref)
    message(site, ref)
    address = f"{home}/clocks/{key}/{act}"
    before = entries_of(site.store, ref)
    refused = site.as_(CHRIS).post(address, form)
    assert refused.status_code == 403
    assert "Only Legal may" in refused.text
    assert site.as_(LENA).send(address, form).status_code == 403  # without the form's token
    assert entries_of(site.store, ref) == before
    answer = site.as_(LENA).post(address, form)
    assert answer.headers.get("location") == f"{home}/clocks/{key}?done={act}"
    page = site.as_(LENA).get(answer.headers["location"]).text
    assert 'role="status"' in page
    assert state in text_of(section_or_head(page))
    assert event in entries_of(site.store, ref)[len(before) :]


def test_law_enforcement_holds_and_clears(site: Site, ref: str) -> None:
    home = breach(site, ref)
    message(site, ref)
    lena = site.as_(LENA)
    lena.post(f"{home}/clocks/US-CA-IND/toll", {"evidence": "1", "reason": "the FBI asked"})
    told = text_of(lena.get(f"{home}/clocks/US-CA-IND").text)
    assert "held for law enforcement, evidence E-1 the FBI asked" in told
    site.hands.wait(days=1)
    answer = lena.post(f"{home}/clocks/US-CA-IND/clear")
    assert answer.status_code == 303
    told = text_of(lena.get(f"{home}/clocks/US-CA-IND").text)
    assert "cleared 2026-11-22 11:00 UTC" in told


@pytest.mark.parametrize(
    ("key", "act", "form", "says"),
    [
        ("BR-LGPD-ANPD", "meet", {"proof": ""}, "Give the proof"),
        ("BR-LGPD-ANPD", "meet", {"proof": "7", "at": "tomorrow"}, "isn’t a time that is clear"),
        ("BR-LGPD-ANPD", "meet", {"proof": "7", "at": "2026-12-24 10:00"}, "still to come"),
        ("US-NY-AG", "overrule", {"due": "17:00", "reason": "r"}, "has no date"),
        ("US-NY-AG", "overrule", {"reason": "r"}, "Choose whether the duty applies"),
        ("US-NY-AG", "overrule", {"answer": "perhaps", "reason": "r"}, "Choose whether"),
        ("US-NY-AG", "overrule", {"answer": "no", "reason": " "}, "Give the reason"),
        ("US-NY-AG", "waive", {"reason": ""}, "Give the reason"),
        ("US-CA-IND", "toll", {"evidence": "", "reason": "r"}, "Choose the evidence"),
        ("US-CA-IND", "toll", {"evidence": "9", "reason": "r"}, "has no evidence 9"),
        ("US-FL-AG", "extend", {"reason": "r"}, "offers no extension"),
        ("US-NY-AG", "clear", {}, "isn’t held"),
    ],
)
def test_a_refusal_stands_beside_what_was_typed(
    site: Site, still: tuple[str, str], *, key: str, act: str, form: dict[str, str], says: str
) -> None:
    ref, home = still
    before = entries_of(site.store, ref)
    answer = site.as_(LENA).post(f"{home}/clocks/{key}/{act}", form)
    assert answer.status_code in {409, 422}
    page = unescape(answer.text).replace("'", "’")
    assert says.replace("'", "’") in page
    assert page.count('role="alert"') == 1
    for value in form.values():
        if value.strip() and act in {"meet", "overrule", "waive"} and value != "perhaps":
            assert value in page
    assert entries_of(site.store, ref) == before


def test_an_act_that_nobody_knows_is_no_page(site: Site, ref: str) -> None:
    home = breach(site, ref)
    assert site.as_(LENA).post(f"{home}/clocks/US-NY-AG/delete").status_code == 404
    assert site.as_(LENA).post(f"{home}/clocks/US-XX-AG/waive", {"reason": "r"}).status_code == 404


def test_a_closed_incident_is_read_and_not_changed(site: Site, ref: str) -> None:
    home = breach(site, ref)
    close_it(site, ref)
    lena = site.as_(LENA)
    page = lena.get(f"{home}/clocks/EU-GDPR-33-SA").text
    assert "This incident is closed" in page
    assert "<form" not in section(page, "h-acts")
    answer = lena.post(f"{home}/clocks/EU-GDPR-33-SA/overrule", {"answer": "no", "reason": "r"})
    assert answer.status_code == 409
    assert lena.get(f"{home}/board").status_code == 200
    assert "nothing can be recorded" in lena.get(f"{home}/questions").text


def test_a_ruling_is_withdrawn(site: Site, ref: str) -> None:
    home = breach(site, ref)
    site.act(
        ref,
        LENA,
        lambda tx, one, who: overrule_clock(
            tx, one, "US-MA-AG", reason="no MA data", applies=False, actor=who
        ),
    )
    lena = site.as_(LENA)
    assert "Withdraw the ruling in force" in lena.get(f"{home}/clocks/US-MA-AG").text
    form = {"answer": "withdraw", "reason": "there is some after all"}
    assert lena.post(f"{home}/clocks/US-MA-AG/overrule", form).status_code == 303
    told = text_of(lena.get(f"{home}/clocks/US-MA-AG").text)
    assert "Lena Okafor withdrew the ruling there is some after all" in told
    assert "Running" in told
    assert "Withdraw the ruling in force" not in lena.get(f"{home}/clocks/US-MA-AG").text
