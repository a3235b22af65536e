"""Every block stays within Slack's limits, whatever people typed, and none of it becomes markup."""

import json
import re
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.blocks import (
    card,
    clock_lists,
    collect_form,
    duty,
    home,
    lists,
    messages,
    modals,
    reminders,
    words,
)
from bot.domain.clocks import ClockChangeKind
from bot.domain.playbook import Partner, PartnerKind
from bot.domain.questions import Question
from bot.domain.retention import RetentionClass
from bot.domain.roles import Role
from bot.domain.rulebook import Rulebook
from bot.domain.situation import (
    ClockView,
    EvidenceView,
    FactView,
    NoticeView,
    PersonView,
    Situation,
    TaskView,
)
from bot.local_slack.block_rules import message_findings, view_findings
from tests.conftest import T0

NASTY = "<!channel> & <@U0SAM> <https://evil.example|click> *bold* "
STATES = ("running", "missed", "waiting", "met", "waived", "tolled", "not_applicable", "running")


def long(size: int) -> str:
    return (NASTY * (size // len(NASTY) + 1))[:size]


def clock(number: int, *, size: int) -> ClockView:
    state = STATES[number % len(STATES)]
    return ClockView(
        key=f"US-X{number}-IND",
        title=long(size),
        kind="regulatory",
        state=state,
        started_at=T0,
        due_at=None if number % 5 == 0 else T0 + timedelta(hours=number),
        zone="UTC",
        reason=long(size),
        citation=long(size),
        rule=long(size),
        confidence="low",
        verified_on="2026-11-01",
        caveats=(long(size), long(size), long(size)),
        missing=tuple(f"missing_fact_{one}" for one in range(12)),
        would_be_due_at=T0,
    )


def task(number: int, *, size: int) -> TaskView:
    phases = list(messages.PHASE_TITLES)
    return TaskView(
        number=number,
        key=f"task_{number}",
        phase=phases[number % 2],
        title=long(size),
        how=long(size),
        owner_role="commander",
        due_at=T0,
        expected_evidence=(long(size), long(size)),
        assignee=None,
        done_at=None,
        incident_ref="INC-2026-0001",
    )


@cache
def situation(*, size: int = 2000, clocks: int = 60, tasks: int = 40) -> Situation:
    person = PersonView(slack_id="U0ANA", name="Ana")
    return Situation(
        ref="INC-2026-0001",
        title=long(size),
        kind="live",
        severity="SEV1",
        status="open",
        playbook=long(size),
        opened_at=T0,
        opened_by=person,
        detected_at=T0,
        contained_at=None,
        recovered_at=None,
        closed_at=None,
        channel_id="C1",
        channel_error=long(size),
        roles={Role.OBSERVER: (person,) * 300},
        clocks=tuple(clock(one, size=size) for one in range(1, clocks + 1)),
        tasks=tuple(task(one, size=size) for one in range(1, tasks + 1)),
        facts=tuple(
            FactView(
                key=f"fact_{one}",
                label=long(size),
                value=long(size),
                confidence="confirmed",
                source=long(size),
                as_of=T0,
            )
            for one in range(120)
        ),
        notices=tuple(
            NoticeView(
                number=one, title=long(size), state="in_review", version=3, due_at=T0, gaps=9
            )
            for one in range(1, 71)
        ),
        evidence=tuple(
            EvidenceView(
                number=one,
                kind="file",
                title=long(200),
                state="failed",
                problem=long(size),
                sha256="a" * 64,
                size=10**12,
                collected_at=T0,
                collected_by=person,
                sealed=True,
            )
            for one in range(1, 201)
        ),
    )


QUESTIONS = [
    Question(key=f"residents:{code}", label=long(200), decides=(), helps=("US-CA-IND",))
    for code in ("US", "DE", "JP", "AU")
]
PARTNER = Partner(
    id="p", kind=PartnerKind.PR, name=long(500), call_when=long(500), how=long(500), hours=long(500)
)
URL = "https://tocsin.example"


def announced(kind: str, detail: dict[str, Any]) -> list[Block]:
    text, blocks = messages.announcement(kind, detail, situation(), base_url=URL)
    assert len(text) <= 4000
    return blocks


def told(kind: str, detail: dict[str, Any]) -> list[Block]:
    text, blocks = messages.direct_message(kind, detail, situation(), base_url=URL)
    assert len(text) <= 4000
    return blocks


def every_clock() -> list[dict[str, str]]:
    kinds = [kind.value for kind in ClockChangeKind]
    return [{"key": f"US-X{one}-IND", "kind": kinds[one % len(kinds)]} for one in range(1, 17)]


ANSWERS = {"token": "ids:" + ",".join(["1234567"] * 100), "snooze": ["1h", "4h", "tomorrow"]}
REMINDER = {"clock": "US-X1-IND", "label": "breach", "late_s": 7200, **ANSWERS}
MANY_CLOCKS = {
    "clocks": [{"key": f"US-X{one}-IND", "label": "24 h left"} for one in range(1, 61)],
    "late_s": 7200,
    "step": 1,
    "silent_s": 900,
    "owner": "legal",
    **ANSWERS,
}
MESSAGES: dict[str, Any] = {
    "card": lambda: card.card_blocks(situation(), base_url=URL),
    "status": lambda: card.situation_blocks(situation(), base_url=URL),
    "clock": lambda: clock_lists.clock_overview(situation(), QUESTIONS, T0),
    "clock all": lambda: clock_lists.clock_page(situation(), T0)[0],
    "clock all 2": lambda: clock_lists.clock_page(situation(), T0, page=2)[0],
    "target": lambda: duty.containment_blocks(situation().clocks[0], T0),
    "task": lambda: lists.task_blocks(situation().tasks, title=long(300)),
    "role": lambda: lists.role_blocks(situation()),
    "fact": lambda: lists.fact_blocks(situation()),
    "notice": lambda: lists.notice_blocks(situation(), base_url=URL),
    "evidence": lambda: lists.evidence_blocks(situation()),
    "timeline": lambda: lists.timeline_blocks("INC-2026-0001", [words.escape(long(200))] * 20),
    "list": lambda: lists.incident_list(
        [("INC-2026-0001", "SEV1", "open", long(120), "C1", T0)] * 60
    ),
    "help": lists.help_blocks,
    "tasks": lambda: messages.tasks_blocks(situation(), partners=[PARTNER] * 8),
    "clocks": lambda: announced("clocks", {"changes": every_clock()}),
    "reminder": lambda: announced("reminder", REMINDER),
    "reminders": lambda: announced("reminders", MANY_CLOCKS),
    "digest": lambda: announced("digest", MANY_CLOCKS),
    "digest for you": lambda: told("digest", {"detail": MANY_CLOCKS}),
    "escalation": lambda: told("escalation", {"detail": MANY_CLOCKS}),
    "deputy": lambda: announced("deputy", {"role": "legal", "by": "U0ANA", "to": "U0ANA"}),
    "preserved": lambda: announced("evidence", {"item": 1}),
    "noticed": lambda: announced("notice", {"number": 1, "what": "notice.drafted"}),
    "task for you": lambda: told("task", {"number": 1}),
    "failed": lambda: told("evidence_failed", {"number": 1}),
    "reminder for you": lambda: told("reminder", {"detail": REMINDER}),
}


def as_json(blocks: list[Block]) -> list[dict[str, Any]]:
    return [dict(block.to_dict()) for block in blocks]


def markup(value: Any) -> list[str]:
    """All texts that Slack reads as markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            return [str(value["text"])]
        return [text for one in value.values() for text in markup(one)]
    if isinstance(value, list):
        return [text for one in value for text in markup(one)]
    return []


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_keep_to_slacks_limits(name: str) -> None:
    assert message_findings(as_json(MESSAGES[name]())) == []


@pytest.mark.parametrize("name", MESSAGES)
def test_what_people_wrote_never_becomes_markup(name: str) -> None:
    """Everything between < and > is ours: dates, our links, people we mention, channels."""
    ours = re.compile(r"^(!date\^\d+\^|@U0ANA$|#C1$|https://tocsin\.example/)")
    for text in markup(as_json(MESSAGES[name]())):
        inside = re.findall(r"<([^<>]*)>", text)
        assert [one for one in inside if not ours.match(one)] == [], text[:300]
        assert "<" not in re.sub(r"<[^<>]*>", "", text), "nothing is cut in the middle of markup"
        assert not re.search(r"&(?!amp;|lt;|gt;)", text), text[:300]


def form(name: str, rules: Rulebook) -> View:
    views = {
        "open": lambda: modals.open_modal(
            rules.playbooks.values(), opener="U0ANA", title=long(120)
        ),
        "fact": lambda: modals.fact_modal("INC-2026-0001"),
        "role": lambda: modals.role_modal(situation()),
        "contain": lambda: modals.contain_modal("INC-2026-0001", T0),
        "preserve": lambda: modals.pick_incident_modal(
            [(f"INC-2026-{one:04d}", long(120)) for one in range(1, 300)], payload="x" * 3000
        ),
        "collect": lambda: collect_form.collect_modal(
            "INC-2026-0001", map(retention_class, range(150)), link=URL, title=long(4000)
        ),
    }
    return views[name]()


def retention_class(number: int) -> RetentionClass:
    return RetentionClass(
        id=f"class_{number}",
        title=long(75),
        days=0,
        years=7,
        basis=long(500),
        source="",
        verified_on="",
        caveat=long(500),
    )


@pytest.mark.parametrize("name", ["open", "fact", "role", "contain", "preserve", "collect"])
def test_forms_keep_to_slacks_limits(name: str, rules: Rulebook) -> None:
    assert view_findings(form(name, rules).to_dict()) == []


def test_the_home_tab_keeps_to_slacks_limits() -> None:
    whole = situation(size=500)
    view = home.home_view(
        whole.tasks[:20],
        [(one, "INC-2026-0001", long(120)) for one in whole.clocks if one.due_at][:8],
        [("INC-2026-0001", "SEV1", long(120), "C1")] * 50,
    )
    assert view_findings(view.to_dict()) == []


def test_long_lists_are_continued_or_counted_not_hidden() -> None:
    shown = json.dumps(as_json(messages.tasks_blocks(situation(size=100), partners=[])))
    for number in range(1, 41):
        assert f"{number}. &lt;!channel" in shown
    clocks = json.dumps(as_json(announced("clocks", {"changes": every_clock()})))
    assert "16 clocks changed" in clocks
    assert "and 6 more: `/incident clock all`" in clocks
    first = [one for one in range(1, 17) if one % 5][:10]
    assert [one for one in range(1, 17) if f"`US-X{one}-IND`" in clocks] == first, "nearest first"
    listed = json.dumps(as_json(lists.task_blocks(situation().tasks, title="Tasks")))
    assert "and 20 more" in listed
    assert "and 30 more" in json.dumps(
        as_json(lists.incident_list([("INC-1", "SEV1", "open", "t", None, T0)] * 60))
    )


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 10, "short"),
        ("twelve signs", 8, "twelve…"),
        ("due <!date^1^x|y> more", 12, "due…"),
        ("a &amp; b", 6, "a…"),
        ("a &amp; b and", 9, "a &amp;…"),
    ],
)
def test_markup_is_cut_between_marks(text: str, limit: int, cut: str) -> None:
    assert words.cut_markup(text, limit) == cut
    assert len(cut) <= limit


def test_times_fall_back_to_utc_where_slack_cant_show_them() -> None:
    assert words.when(T0) == ("<!date^1795078800^{date_short_pretty}, {time}|2026-11-19 09:00 UTC>")
    assert words.when_legal(T0).endswith("> (19 Nov 09:00 UTC)")


def test_fifteen_clocks_are_listed_and_the_rest_is_counted() -> None:
    shown = json.dumps(as_json(announced("digest", MANY_CLOCKS)))
    assert "`US-X15-IND`" in shown
    assert "`US-X16-IND`" not in shown
    assert "and 45 more: `/incident clock INC-2026-0001 all`" in shown


def test_an_answered_reminder_has_no_buttons_and_says_who() -> None:
    before = as_json(announced("reminder", REMINDER))
    assert before[-1]["type"] == "actions"
    after = reminders.without_buttons(before, "Acknowledged by <@U0ANA>")
    assert [one["type"] for one in after] == ["section", "context"]
    assert after[:-1] == before[:-1]
    assert message_findings(after) == []


def test_a_reminder_of_an_older_version_is_still_told() -> None:
    old = {key: REMINDER[key] for key in ("clock", "label", "late_s")}
    assert [one["type"] for one in as_json(announced("reminder", old))] == ["section"]
