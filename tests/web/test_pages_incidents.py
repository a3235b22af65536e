"""The list of incidents, and what an incident's page shows and does."""

import re
from html import unescape

import pytest
from pages_kit import LETTER, Site, close_it, incident, message

from bot.domain.incident import Severity
from bot.domain.roles import Role
from bot.services.incidents import change_severity, contain
from bot.services.roles import assign_role
from bot.store.queries import fact_history, tasks_of
from bot.store.unit_of_work import reading
from tests.kit import ANA, CHRIS, FARID, LENA, SAM, entries_of, log_of, who


def test_the_list_shows_mine_with_severity_deadline_and_role(site: Site, ref: str) -> None:
    page = site.as_(LENA).get("/incidents").text
    row = page[page.index(f"/incidents/{ref}") :]
    row = row[: row.index("</tr>")]
    assert "Claims database copied" in row
    assert "SEV2" in row
    assert "Open" in row
    assert "1 h left" in row
    assert "Legal" in row


def test_the_list_hides_what_is_not_mine(site: Site, ref: str) -> None:
    # Sam may be in another test's incident; the list says so, or that there is none.
    page = site.as_(SAM).get("/incidents")
    assert page.status_code == 200
    assert ref not in page.text
    has_some = re.search(r"/incidents/(INC|EX)-", page.text)
    assert has_some or "<code>/incident open</code>" in page.text


@pytest.mark.slow
def test_the_list_puts_closed_ones_below(site: Site, ref: str) -> None:
    close_it(site, ref)
    page = site.as_(ANA).get("/").text
    assert page.index("<caption>Closed</caption>") < page.index(f"/incidents/{ref}")


def test_an_unknown_incident_and_somebody_elses_give_the_same_page(site: Site, ref: str) -> None:
    looker = site.as_(SAM)
    theirs, nowhere = looker.get(f"/incidents/{ref}"), looker.get("/incidents/INC-2026-9999")
    assert (theirs.status_code, nowhere.status_code) == (404, 404)
    assert theirs.text == nowhere.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "",
        "/pulse?seen=0",
        "/fact-field?fact=aware_at",
        "/evidence/1",
        "/notices/1",
        "/notices/1/preview",
        "/notices/1/pdf",
    ],
)
def test_nothing_of_an_incident_is_shown_to_others(site: Site, ref: str, path: str) -> None:
    site.record(ref, FARID, LETTER)
    message(site, ref)
    assert site.as_(LENA).get(f"/incidents/{ref}{path}").status_code == 200
    assert site.as_(SAM).get(f"/incidents/{ref}{path}").status_code == 404


FORMS = (
    "facts",
    "tasks/1/done",
    "tasks/1/reopen",
    "notices",
    "evidence/export",
    "notices/1/facts",
    "notices/1/wording",
    "notices/1/submit",
    "notices/1/changes",
    "notices/1/approve",
    "notices/1/sent",
    "notices/1/withdraw",
)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_an_incident_is_changed_by_others(site: Site, ref: str, form: str) -> None:
    before = entries_of(site.store, ref)
    fields = {"fact": "affected_total", "value:one": "1", "source": "me", "reason": "x"}
    assert site.as_(SAM).post(f"/incidents/{ref}/{form}", fields).status_code == 404
    assert entries_of(site.store, ref) == before


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("token", ["", "guessed", "another's"])
def test_a_form_without_its_token_changes_nothing(
    site: Site, ref: str, form: str, token: str
) -> None:
    looker = site.as_(ANA)
    fields = {"fact": "affected_total", "value:one": "1", "source": "me"}
    if token:
        fields["csrf"] = site.as_(ANA).csrf if token == "another's" else token
    before = entries_of(site.store, ref)
    answer = looker.send(f"/incidents/{ref}/{form}", fields)
    assert answer.status_code == 403
    assert "can&#39;t be accepted" in answer.text
    assert entries_of(site.store, ref) == before


def test_a_form_too_large_is_refused(site: Site, ref: str) -> None:
    answer = site.as_(ANA).post(f"/incidents/{ref}/facts", {"value:one": "x" * 300_000})
    assert answer.status_code == 403


@pytest.mark.slow
def test_every_form_of_the_page_carries_the_token(site: Site, ref: str) -> None:
    looker = site.as_(LENA)
    site.record(ref, FARID, LETTER)
    for path in (f"/incidents/{ref}", f"/incidents/{ref}/notices/1"):
        forms = re.findall(r"<form.*?</form>", looker.get(path).text, re.DOTALL)
        assert len(forms) >= 3
        assert all(f'name="csrf" value="{looker.csrf}"' in form for form in forms)
        assert all('method="post"' in form for form in forms)


@pytest.mark.slow
def test_the_situation_and_the_targets(site: Site, ref: str) -> None:
    site.record(ref, FARID, LETTER)
    site.hands.wait(hours=2)
    site.act(ref, ANA, lambda tx, one, ana: contain(tx, one, at=site.hands.now, note="", actor=ana))
    page = unescape(site.as_(LENA).get(f"/incidents/{ref}").text)
    flat = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    # From 19 Nov 22:00 to 21 Nov 09:00 is 35 hours; the playbook's target is one.
    assert "Time to detect 1 d 11 h late, target 1 h" in flat
    assert "Time to contain 2 h in time, target 1 d" in flat
    assert "Time to recover not yet 2 h used of 3 d" in flat
    assert "Aware Sat 21 Nov 2026, 10:00 CET (21 Nov 09:00 UTC)" in flat
    assert "Legal Lena Okafor" in flat


def test_times_stand_in_the_readers_zone_with_utc_beside(site: Site, ref: str) -> None:
    page = site.as_(CHRIS).get(f"/incidents/{ref}").text
    opened = (
        '<time datetime="2026-11-21T11:00:00Z" title="2026-11-21 11:00:00 UTC">'
        "21 Nov 2026, 03:00</time>"
    )
    assert opened in page


@pytest.mark.slow
def test_clocks_are_grouped_and_say_what_they_wait_for(site: Site, ref: str) -> None:
    before = site.as_(LENA).get(f"/incidents/{ref}").text
    waiting = before[before.index("Waiting for facts") : before.index('id="facts"')]
    assert "When did we become aware, with reasonable certainty?" in waiting
    site.record(ref, FARID, LETTER)
    page = unescape(site.as_(LENA).get(f"/incidents/{ref}").text)
    live = page[page.index("Running and overdue") : page.index("Waiting for facts")]
    assert "EU-GDPR-33-SA" in live
    assert "2 d 22 h left" in live
    assert "Regulation (EU) 2016/679 Art. 33(1)" in live
    assert "verified on 2026-11-21" in live
    assert f'<a href="/incidents/{ref}/clocks/EU-GDPR-33-SA">' in live
    assert f'href="/incidents/{ref}/board"' in page
    # A duty that never applied has no clock; the board says why it doesn't apply.
    assert "US-SEC-8K-105" not in page


def test_a_fact_is_recorded_in_the_readers_zone(site: Site, ref: str) -> None:
    form = {"fact": "aware_at", "value:one": "10:00", "source": "Ana", "confidence": "confirmed"}
    answer = site.as_(FARID).post(f"/incidents/{ref}/facts", form)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/incidents/{ref}?done=fact#facts"
    page = site.as_(FARID).get(f"/incidents/{ref}?done=fact").text
    assert "The fact is recorded." in page
    assert "Sat 21 Nov 2026, 10:00 CET</time>" in page


@pytest.mark.slow
def test_a_correction_keeps_the_earlier_fact(site: Site, ref: str) -> None:
    looker = site.as_(FARID)
    for count in ("1450", "1520"):
        form = {"fact": "affected_total", "value:one": count, "source": "database log"}
        assert looker.post(f"/incidents/{ref}/facts", form).status_code == 303
    page = looker.get(f"/incidents/{ref}").text
    earlier = page[page.index("Earlier versions") :]
    assert "1,450" in earlier
    assert "1,520" in page[: page.index("Earlier versions")]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"fact": "affected_total", "value:one": "many", "source": "a log"}, "isn't a count"),
        ({"fact": "aware_at", "value:one": "2027-01-01 10:00", "source": "a log"}, "in the future"),
        ({"fact": "affected_total", "value:one": "12", "source": ""}, "Say how you know it"),
        ({"fact": "affected_total", "value:one": "", "source": "a log"}, "Write a value"),
        ({"fact": "residents", "value:one": "12", "source": "a log"}, "Name the place"),
        (
            {"fact": "residents", "place:one": "Calif", "value:one": "12", "source": "a log"},
            "counted per place",
        ),
        ({"fact": "", "value:one": "12", "source": "a log"}, "Choose what"),
        ({"fact": "favourite_colour", "value:one": "12", "source": "a log"}, "Choose what"),
        (
            {"fact": "affected_total", "value:one": "12", "source": "x", "confidence": "sure"},
            "Choose how sure",
        ),
        (
            {"fact": "affected_total", "value:one": "12", "source": "x", "confidence": "unknown"},
            "keep one of the two",
        ),
    ],
)
def test_a_wrong_fact_stays_in_the_form_with_its_reason(
    site: Site, ref: str, form: dict[str, str], says: str
) -> None:
    before = entries_of(site.store, ref)
    answer = site.as_(FARID).post(f"/incidents/{ref}/facts", form)
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert says in page
    if form["fact"] in {"affected_total", "aware_at", "residents"}:
        assert f'value="{form["value:one"]}"' in page
        assert f'<option value="{form["fact"]}" selected>' in page
    assert entries_of(site.store, ref) == before


def test_what_was_typed_is_shown_as_text_never_as_markup(site: Site, ref: str) -> None:
    evil = '"><script>alert(1)</script>'
    form = {"fact": "what_happened", "value:one": evil, "source": evil}
    looker = site.as_(FARID)
    assert looker.post(f"/incidents/{ref}/facts", form).status_code == 303
    wrong = looker.post(
        f"/incidents/{ref}/facts", {"fact": "affected_total", "value:one": evil, "source": evil}
    )
    assert wrong.status_code == 422
    for page in (wrong.text, looker.get(f"/incidents/{ref}").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_unknown_is_an_answer(site: Site, ref: str) -> None:
    form = {"fact": "breach_ended_at", "value:one": "", "confidence": "unknown", "source": "Farid"}
    assert site.as_(FARID).post(f"/incidents/{ref}/facts", form).status_code == 303
    row = incident(site, ref)
    with reading(site.store) as session:
        last = fact_history(session, row)[-1]
    assert (last.key, last.value, last.confidence) == ("breach_ended_at", None, "unknown")


def test_several_choices_are_one_value(site: Site, ref: str) -> None:
    form = {"fact": "data_elements", "value:one": ["ssn", "name"], "source": "a log"}
    assert site.as_(FARID).post(f"/incidents/{ref}/facts", form).status_code == 303
    with reading(site.store) as session:
        rows = fact_history(session, incident(site, ref))
    assert [row.value for row in rows if row.key == "data_elements"] == [["name", "ssn"]]


@pytest.mark.parametrize(
    ("fact", "shows"),
    [
        ("data_elements", 'type="checkbox"'),
        ("encryption", '<option value="partly">partly</option>'),
        ("residents:US-MA", 'name="place:one" value="US-MA"'),
        ("what_happened", "<textarea"),
        ("aware_at", "meant in Europe/Berlin"),
    ],
)
def test_a_link_opens_the_form_with_the_right_input(
    site: Site, ref: str, fact: str, shows: str
) -> None:
    page = site.as_(LENA).get(f"/incidents/{ref}?fact={fact}").text
    form = page[page.index('id="record"') : page.index("</form>", page.index('id="record"'))]
    assert shows in form


def test_an_observer_only_watches(site: Site, ref: str) -> None:
    site.act(
        ref,
        ANA,
        lambda tx, one, ana: assign_role(tx, one, Role.OBSERVER, who(tx, SAM), actor=ana),
    )
    observer = site.as_(SAM)
    page = observer.get(f"/incidents/{ref}").text
    assert '<button class="primary" disabled>Record</button>' in page
    form = {"fact": "affected_total", "value:one": "12", "source": "a log"}
    refused = observer.post(f"/incidents/{ref}/facts", form)
    assert refused.status_code == 403
    assert "may record and correct facts" in refused.text
    assert 'value="12"' in refused.text


@pytest.mark.slow
def test_a_task_is_done_by_its_role_and_nobody_elses(site: Site, ref: str) -> None:
    with reading(site.store) as session:
        task = next(
            one for one in tasks_of(session, incident(site, ref)) if one.owner_role == "legal"
        )
    address = f"/incidents/{ref}/tasks/{task.number}"
    refused = site.as_(CHRIS).post(f"{address}/done")
    assert refused.status_code == 403
    assert "Commander or Scribe" in refused.text
    done = site.as_(LENA).post(f"{address}/done", {"note": "engaged at 12:00"})
    assert done.headers["location"] == f"/incidents/{ref}?done=task#task-{task.number}"
    page = site.as_(CHRIS).get(f"/incidents/{ref}").text
    assert f"<s>{task.title}</s>" in page
    assert "by Lena Okafor: engaged at 12:00" in page
    again = site.as_(LENA).post(f"{address}/done")
    assert again.status_code == 409
    assert "already done" in again.text
    assert site.as_(LENA).post(f"{address}/reopen").status_code == 303
    assert site.as_(LENA).post(f"/incidents/{ref}/tasks/999/done").status_code == 409


@pytest.mark.slow
def test_a_notice_is_drafted_by_hand_once(site: Site, ref: str) -> None:
    form = {"template": "holding_statement"}
    refused = site.as_(FARID).post(f"/incidents/{ref}/notices", form)
    assert refused.status_code == 403
    assert site.as_(CHRIS).post(f"/incidents/{ref}/notices", form).status_code == 303
    page = site.as_(CHRIS).get(f"/incidents/{ref}").text
    assert 'value="holding_statement"' not in page
    assert f'href="/incidents/{ref}/notices/1"' in page
    assert site.as_(CHRIS).post(f"/incidents/{ref}/notices", form).status_code == 409


def test_the_timeline_shows_the_whole_record_on_request(site: Site, ref: str) -> None:
    looker = site.as_(LENA)
    short, whole = (
        looker.get(f"/incidents/{ref}{query}").text.split('id="timeline"')[1]
        for query in ("", "?all=1")
    )
    entries = log_of(site.store, ref)
    assert whole.count('class="seq"') == len(entries)
    assert short.count('class="seq"') < len(entries)
    assert "Evidence log opened" in whole
    assert "Evidence log opened" not in short
    for entry in entries:
        assert f'title="{entry.leaf}">{entry.leaf[:10]}</code>' in whole


@pytest.mark.slow
def test_the_live_part_replaces_only_time_left_and_tells_of_news(site: Site, ref: str) -> None:
    looker = site.as_(LENA)
    page = looker.get(f"/incidents/{ref}").text
    address = re.search(r'hx-get="([^"]+/pulse\?seen=\d+)"', page)
    assert address is not None
    quiet = looker.get(address[1]).text
    assert 'id="left-containment"' in quiet
    assert "1 d left" in quiet
    assert "moved on" not in quiet
    site.hands.wait(hours=25)
    site.act(
        ref, ANA, lambda tx, one, ana: change_severity(tx, one, Severity.SEV1, reason="", actor=ana)
    )
    later = looker.get(address[1]).text
    assert "1 h over" in later
    assert "The record has moved on" in later


@pytest.mark.slow
def test_no_page_names_another_host(site: Site, ref: str) -> None:
    site.record(ref, FARID, LETTER)
    looker = site.as_(LENA)
    paths = ("/who", "/", f"/incidents/{ref}", f"/incidents/{ref}?all=1", "/nothing")
    notices = [f"/incidents/{ref}/notices/{number}" for number in (1, 2, 3)]
    for path in (*paths, *notices, *[f"{one}/preview" for one in notices], "/static/site.css"):
        page = looker.get(path).text
        assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page) == [], path
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]* src=)", page)
        assert not re.search(r"\son\w+=", page)


def test_an_unknown_page_is_plain(site: Site) -> None:
    answer = site.as_(LENA).get("/incidents/INC-2026-0001/notices/one")
    assert answer.status_code == 404
    assert "There is no such page for you" in answer.text
    assert site.as_(LENA).client.put("/incidents").status_code == 405
