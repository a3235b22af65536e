"""Scenarios: what we ship is sound, and every rule says where its fault is and how to mend it."""

from pathlib import Path

import pytest

from bot.content.scenario_events import OPEN_VALUES
from bot.content.scenario_words import is_fictional, is_reserved
from bot.content.scenarios import load_scenarios
from bot.content.yaml_source import ContentError
from bot.domain.inject_papers import PAPERS
from bot.domain.scenario_variables import fill_in, fill_in_all
from evidence_store.events import EVENTS
from tests.content.scenario_kit import EXERCISES, SMALL, changed, playbooks, problems

MATCH = "event: [fact.recorded, fact.corrected], where: {key: aware_at}"
PAPER = SMALL[SMALL.index("template: mail") : SMALL.index("\n    expects:\n      - id: E2")]
SAYS = "text: Is it true?"

REFERENCES = [
    # what is replaced, by what, the message
    (
        "id: small",
        "id: smal",
        "1:5: the id is 'smal', the file's name 'small'; give both the same name",
    ),
    (
        "playbook: lost_device",
        "playbook: lost_devise",
        "8:11: there is no playbook 'lost_devise'; did you mean 'lost_device'?",
    ),
    ("[commander, legal, comms]", "[legal, comms]", "12:8: nobody leads; add commander"),
    ("{id: O2,", "{id: O1,", "18:10: 'O1' stands twice; give each a name of its own"),
    ("id: I2\n", "id: I1\n", "36:9: 'I1' stands twice; "),
    ("id: E2\n", "id: E1\n", "50:13: 'E1' stands twice; "),
    ("id: refuse", "id: pay", "77:45: 'pay' stands twice; "),
    (PAPER, f"{PAPER}\n      - {PAPER}", "50:15: 'offer' stands twice; "),
    (
        "inject: I1, delay",
        "inject: I9, delay",
        "37:21: there is no inject 'I9'; use one of: I1, I2, I3, I4",
    ),
    ("{met: E1}", "{met: E7}", "38:17: there is no expectation 'E7'; use one of: E1, E2"),
    ("{met: E1}", "{delivered: I8}", "38:23: there is no inject 'I8'; "),
    ("{id: D1, is: [pay]}", "{id: D2, is: [pay]}", "60:34: there is no decision 'D2'; "),
    ("is: [pay]", "is: [stall]", "60:43: there is no option 'stall'; use one of: pay, refuse"),
    ("objective: O2", "objective: O3", "51:20: there is no objective 'O3'; use one of: O1, O2"),
    (
        "objective: O2",
        "objective: O1",
        "18:5: nothing tries O2; add an expectation with 'objective: O2', or remove it",
    ),
    (
        "    decision: D1\n",
        "",
        "73:5: no inject asks for D1; add 'decision: D1' to an inject, or remove it",
    ),
    ("    decision: D1\n", "    decision: D4\n", "44:15: there is no decision 'D4'; "),
    (
        "owner: legal",
        "owner: forensics",
        "76:12: nobody plays 'forensics'; add it to roles, or use one of: commander, legal, comms",
    ),
    ("by: legal", "by: forensics", "53:13: nobody plays 'forensics'; "),
    ("to: [legal]", "to: [legal, scribe]", "41:17: nobody plays 'scribe'; "),
    ("{key: aware_at}}", "{key: aware_at}, by_role: [scribe]}", "32:91: nobody plays 'scribe'; "),
    (
        "        by: legal\n",
        "",
        "56:9: E2 is critical, and nobody would judge it; add 'match', or 'by: ROLE'",
    ),
]

ORDER = [
    ("    at: PT6H\n", "", "58:5: nothing says when I3 comes; add 'at: PT…', 'after: "),
    ("    at: PT6H\n", "    at: PT6H\n    after: {inject: I1, delay: PT1H}\n",
     "60:5: I3 has two times; keep at or after"),
    ("reserve: true\n", "reserve: true\n    at: PT1H\n",
     "68:5: I4 is in reserve and has 'at'; remove it: a reserve comes by the facilitator's hand"),
    ("at: PT0M\n", "after: {inject: I2, delay: PT1H}\n",
     "21:12: a circle: I1 after I2 after I1; give one of them a time with 'at'"),
    ("inject: I1, delay", "inject: I2, delay", "37:12: a circle: I2 after I2; "),
    ("{met: E1}", "{met: E2}",
     "38:11: I2 can never come; look at what it waits for, or put it in reserve"),
    ("{met: E1}", "{any: [{delivered: I2}, {delivered: I3}]}", "38:11: I2 can never come; "),
    ("{met: E1}", "{all: [{met: E1}, {missed: E1}]}", "38:11: I2 can never come; "),
    ("{none: [{missed: E1}]}", "{decision: {id: D1, is: [refuse]}}",
     "60:11: I3 can never come; "),
    ("at: PT6H", "at: PT1H",
     "60:29: I3 comes at PT1H, I2 that it asks for not before PT2H; set I3 later than PT2H"),
    ("{none: [{missed: E1}]}", "{none: [{delivered: I3}]}", ""),
    ("{met: E1}", "{none: [{met: E2}, {decision: {id: D1, is: [pay]}}]}", ""),
    ("at: PT6H", "at: PT10H", "59:9: I3 comes at PT10H, when the exercise is over; let it come"),
    ("delay: PT2H", "delay: PT12H", "36:5: I2 comes at PT12H, when the exercise is over; "),
    ("{met: E1}", "{missed: E1}", ""),
]  # fmt: skip

TIMES = [
    (
        "target: PT4M",
        "target: PT8M",
        "34:16: the limit of E1 isn't after its target; full marks until target, none from limit",
    ),
    ("limit: PT8M", "limit: PT60M", ""),
    (
        "limit: PT8M",
        "limit: PT61M",
        (
            "34:16: the window of E1 ends at PT10H10M, after the end at PT10H; bring I1 forward or "
            "shorten the limit (PT1H1M of our time are PT10H10M)"
        ),
    ),
    ("limit: PT4H", "limit: PT8H", ""),
    (
        "limit: PT4H",
        "limit: PT9H",
        "55:16: the window of E2 ends at PT11H, after the end at PT10H; bring I2 forward or ",
    ),
    ("play: PT1H", "play: PT11H", "11:7: it would be over before; write PT10H at most: "),
    ("play: PT1H", "play: PT1S", "11:7: this pace can't be kept; give it longer to play; "),
    ("span: PT10H", "span: PT0H", "10:7: the exercise takes no time; write such as PT72H"),
    ("span: PT10H", "span: 10h", "10:7: '10h' doesn't have the right form; write a span such"),
]

ENTRIES = [
    (
        "fact.recorded, fact.corrected",
        "fact.recorded, fact.corected",
        "32:40: there is no event 'fact.corected'; did you mean 'fact.corrected'?",
    ),
    (
        "[fact.recorded, fact.corrected]",
        "partner.called",
        "32:24: no step of a player leaves 'partner.called'; leave 'match' out, so that",
    ),
    (
        "{key: aware_at}",
        "{kye: aware_at}",
        "32:65: fact.recorded and fact.corrected can't be asked for 'kye'; did you mean 'key'?",
    ),
    ("{key: aware_at}", "{key: aware}", "32:70: there is no fact 'aware'; did you mean 'aware_at'"),
    ("{key: aware_at}", "{key: 'residents:US-CA'}", ""),
    (
        "{key: aware_at}",
        "{key: {is: aware_at}}",
        "32:70: 'key' can't be compared; write a value, or a list of them",
    ),
    (
        MATCH,
        "event: note.recorded, where: {note: gone}",
        "32:47: note.recorded can't be asked for 'note'; leave 'where' out",
    ),
    (
        MATCH,
        "event: notice.approved, where: {template: [holding_statement, holding_statment]}",
        "32:79: there is no notice template 'holding_statment'; did you mean 'holding_statement'?",
    ),
    (
        MATCH,
        "event: task.completed, where: {task: no_such}",
        "32:54: there is no task of this playbook 'no_such'; ",
    ),
    (MATCH, "event: role.claimed, where: {role: boss}", "32:52: there is no role 'boss'; "),
    (
        MATCH,
        "event: incident.severity_changed, where: {to: SEV0}",
        "32:63: there is no severity 'SEV0'; ",
    ),
    (
        MATCH,
        "event: exercise.decision_recorded, where: {decision: D1, option: stall}",
        "32:82: there is no option 'stall'; use one of: pay, refuse",
    ),
]

VARIABLES = [
    ("{{ people }}", "some", "14:3: nothing uses 'people'; write {{ people }} in a text"),
    (
        "with {{ people }}",
        "{{ people }} {{ peeple }}",
        "26:11: there is no variable 'peeple'; did you mean 'people'?",
    ),
    (
        "with {{ people }}",
        "{{ people }} {{ people|upper }}",
        "26:11: this is no variable; write {{ name }}, without more",
    ),
    (
        "question: Do we pay?",
        "question: Do we pay for {{ people }}?",
        "75:15: variables aren't filled in here; use them in an inject's from, title, text and pap",
    ),
    (
        "from: 10, to: 20",
        "from: 30, to: 20",
        "14:18: 'people' goes from 30 to 20; write the smaller number first",
    ),
    ("from: 10, to: 20", "from: 10", "14:11: the range of 'people' has one end; write"),
    ("from: 10, to: 20", "step: 2", "14:11: 'people' is a range or a choice; write from and to"),
    ("from: 10, to: 20", "from: 1, to: 2, one_of: [a, b]", "14:11: 'people' is a range or a "),
]

WORDS = [
    (
        "finder@mail.example",
        "finder@gmail.com",
        "48:24: mail to 'gmail.com' could reach somebody; use example.com or a name that ends in",
    ),
    (SAYS, "text: See https://leaks.blog/x", "65:11: 'leaks.blog' could be a real address; "),
    (SAYS, "text: See www.courier.co.uk", "65:11: 'www.courier.co.uk' could be a real address"),
    (SAYS, "text: See abcdef.onion", "65:11: 'abcdef.onion' could be a real address; "),
    (
        SAYS,
        "text: Call +49 30 901 820",
        "65:11: '+49 30 901 820' could be somebody's telephone; use +1 202 555 01xx, in Germany ",
    ),
    (SAYS, "text: Call (212) 736-5000", "65:11: '(212) 736-5000' could be somebody's telephone"),
    (SAYS, "text: Call 212-736-5000", "65:11: '212-736-5000' could be somebody's telephone"),
    (SAYS, "text: Call 0221 / 2210", "65:11: '0221 / 2210' could be somebody's telephone"),
    (
        SAYS,
        "text: It came from 8.8.8.8",
        "65:11: '8.8.8.8' could be a real machine; use one for documentation: 192.0.2.10",
    ),
    (SAYS, "text: It came from 10.1.2.3", "65:11: '10.1.2.3' could be a real machine"),
    (SAYS, "text: 'It came from 2a00:1450:4001::200e'", "65:11: '2a00:1450:4001::200e' could "),
    (SAYS, "text: This is NOT a drill", "65:11: 'NOT a drill' denies that this is an exercise"),
    (SAYS, "text: It isn’t an exercise", "65:11: 'isn't an exercise' denies that this is an"),
    (SAYS, "text: This is not a test", "65:11: 'This is not a test' denies that this"),
    (SAYS, "text: >-\n      Das ist keine\n      Übung", "65:11: 'keine Übung' denies that this"),
    (SAYS, "text: Dies ist kein Test", "65:11: 'Dies ist kein Test' denies that this"),
    (SAYS, "text: '@channel, look'", "65:11: '@channel' calls people in Slack; name the role "),
    (SAYS, "text: Hello @here", "65:11: '@here' calls people in Slack"),
    (SAYS, "text: Hello @everyone", "65:11: '@everyone' calls people in Slack"),
    (SAYS, "text: '<!here> look'", "65:11: '<!here' calls people in Slack"),
    (SAYS, "text: Hello <@U012AB>", "65:11: '<@U012AB' calls people in Slack"),
    ("notes: Don't help.", "notes: Write to me at finn@tocsin.io.", ":82:8: mail to 'tocsin.io'"),
]

HARMLESS = [
    "Call +1 202 555 0142, +49 30 555 0117 or (202) 555-0199",
    "Call +49 30 23125 007, 0221 4710 123 or +49 (0)89 99998-123",
    "Call +44 20 7946 0123 or 01632 960 123",
    "Mail to a.b@mail.example.com, x@y.invalid, z@a.test",
    "See https://portal.exampla.example/login?x=1 and http://localhost:8080",
    "It came from 192.0.2.10, 198.51.100.7, 203.0.113.200 and 2001:db8::1",
    "At 12:30:15 on 2026-03-02 10:00 there were 1,040,000 rows in export.zip, version 4.2.1",
    "The card aa:bb:cc:dd:ee:ff of PC-0815, ticket HD-40417, case 2026-000123",
    "We drill every year; the exercise of this right is free. At home, here, everyone knows.",
    "Die Übung macht den Meister",
]

PAPER_VALUES = [
    (", body: Pay.", "", "48:17: the mail has no 'body'; add 'body: …' to values"),
    (", body: Pay.", ", body: 5", "48:91: 'body' is no text; put it in quotes"),
    (", body: Pay.", ", body: ' '", "48:91: 'body' is empty; write what stands there"),
    (
        ", body: Pay.",
        ", body: Pay., cc: boss",
        "48:97: a mail has no 'cc'; use one of: from, to, subject, body, date",
    ),
    (
        PAPER,
        (
            "template: ticket_export\n        name: t\n        values: {rows: [{id: T1, time: now, "
            "status: open, who: me}]}"
        ),
        "48:25: the row has no 'text'; write {id: …, time: …, status: …, who: …, text: …}",
    ),
    (
        PAPER,
        "template: ticket_export\n        name: t\n        values: {rows: [open]}",
        "48:25: this is no row; write {id: …",
    ),
    (
        PAPER,
        (
            "template: press_request\n        name: p\n        values: {outlet: a, reporter: b, "
            "deadline: c, questions: Why?}"
        ),
        "48:66: 'questions' is no list with something in it; write - …",
    ),
    (PAPER, "template: leak_site\n        name: l", "46:9: the leak_site has no 'title'; "),
    (PAPER, "template: poster\n        name: l", "46:19: 'poster' isn't known here; use one of: "),
]

ROWS = [
    *REFERENCES, *ORDER, *TIMES, *ENTRIES, *VARIABLES, *WORDS, *PAPER_VALUES,
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), ROWS)
def test_a_fault_is_told_with_its_place_and_remedy(old: str, new: str, message: str) -> None:
    found = problems(changed(old, new))
    if not message:
        assert found == []
    else:
        assert any(message in one for one in found), found


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_fictional_or_no_address_passes(text: str) -> None:
    assert problems(changed(SAYS, f"text: >-\n      {text}")) == []


def test_the_small_scenario_is_sound() -> None:
    """Or else no row above would prove anything."""
    assert problems(SMALL) == []


@pytest.mark.parametrize(
    ("name", "reserved"),
    [
        ("example.com", True),
        ("mail.example.org", True),
        ("a.invalid", True),
        ("EXAMPLE.NET.", True),
        ("notexample.com", False),
        ("example.com.evil.net", False),
        ("test.com", False),
    ],
)
def test_reserved_names(name: str, *, reserved: bool) -> None:
    assert is_reserved(name) is reserved


@pytest.mark.parametrize(
    ("number", "fictional"),
    [
        ("+1 202 555 0100", True),
        ("+1 202 555 0199", True),
        ("+1 202 555 0200", False),
        ("+1 555 202 0142", False),
        ("0049 30 23125 999", True),
        ("+49 30 23126 000", False),
    ],
)
def test_fictional_numbers(number: str, *, fictional: bool) -> None:
    assert is_fictional(number) is fictional


def test_what_can_be_waited_for_is_in_the_vocabulary() -> None:
    assert set(OPEN_VALUES) <= EVENTS


def test_variables_reach_into_rows_and_lists() -> None:
    value = {"rows": [{"text": "{{ n }} people"}], "sample": ["{{ town }}"], "count": 3}
    filled = fill_in_all(value, {"n": 1450, "town": "Alpha"}, language="en")
    assert filled == {"rows": [{"text": "1,450 people"}], "sample": ["Alpha"], "count": 3}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1,234,567 of 999"),
        ("de", "1.234.567 of 999"),
        ("de-AT", "1.234.567 of 999"),
        ("fr", "1\u202f234\u202f567 of 999"),
        ("es", "1\u202f234\u202f567 of 999"),
    ],
)
def test_numbers_have_the_separators_of_their_language(language: str, said: str) -> None:
    values = {"n": 1_234_567, "m": 999}
    assert fill_in("{{ n }} of {{ m }}", values, language=language) == said


@pytest.mark.slow
def test_what_we_ship_is_sound_and_uses_every_paper() -> None:
    templates = [one.parent.name for one in EXERCISES.parents[1].glob("not*/*/notice.yaml")]
    found = load_scenarios(EXERCISES, playbooks=playbooks(), templates=templates)
    assert "drill_lost_laptop" in found
    used = {
        paper.template
        for scenario in found.values()
        for inject in scenario.injects
        for paper in inject.attachments
    }
    assert used <= set(PAPERS)


def test_one_fault_and_nothing_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "other.yaml").write_text(SMALL, "utf-8")
    with pytest.raises(ContentError, match=r"other\.yaml:1:5: the id is 'small'"):
        load_scenarios(tmp_path, playbooks=playbooks())
