"""What players see of an exercise: injects as calls, mails, tickets; holds, jumps, the end.

Every message bears the mark EXERCISE; a screenshot of a single one can't be taken for something
real. The facilitator's notes are never handed to this module.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.blocks.words import Message, context, cut, escape, header, plain, section
from bot.domain.incident import is_exercise_ref, names_exercise
from bot.domain.situation import Situation

MARK = "🎓 EXERCISE"
"""First words of every message of an exercise."""

_CHANNELS = {
    "call": ("📞", "Call"),
    "mail": ("✉️", "Mail"),
    "ticket": ("🎫", "Ticket"),
    "chat": ("💬", "Chat message"),
    "press": ("📰", "Press request"),
    "regulator": ("🏛️", "Letter of an authority"),
    "leak_site": ("🕳️", "Post on a leak site"),
    "note": ("📌", "News"),
}

_NEWS = {
    "exercise.held": "⏸️ The exercise is held. Wait for the facilitator.",
    "exercise.resumed": "▶️ The exercise goes on.",
    "exercise.jumped": "⏩ Exercise time has moved on.",
    "exercise.real_world_called": "🛑 *REAL-WORLD EVENT*: the exercise stands still. Do what is "
    "real first; the facilitator says when it goes on.",
    "exercise.ended": "🏁 *ENDEX*: the exercise is over. Thank you. The hot wash comes to "
    "each of you by direct message.",
    "exercise.report_locked": "📄 The after-action report is final. Read it on the page.",
    "exercise.aborted": "🛑 The exercise was stopped. Nothing of it counts any more.",
}


def news(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Say that the run was held, goes on, jumped or is over, or that its report is final."""
    link = f"{base_url}/incidents/{situation.ref}/exercise"
    return plain(f"{MARK} · {_NEWS[str(detail['what'])]}\n<{link}|{situation.ref}>")


def inject(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Show one inject as what it pretends to be, plainly marked."""
    icon, kind = _CHANNELS[str(detail["channel"])]
    sender, title = escape(str(detail["from"])), escape(str(detail["title"]))
    to = ", ".join(str(one).capitalize() for one in detail["to"]) or "everybody"
    at = datetime.fromisoformat(str(detail["ex"]))
    text = f"{MARK} · {icon} {kind} from {sender}: {title}"
    blocks: list[Block] = [
        header(cut(f"{MARK} · {icon} {kind}", 150)),
        section(f"*{title}*\n_From {sender} (EXERCISE) to {to}_"),
        section(escape(str(detail["text"]))),
    ]
    blocks += _papers(detail, situation, base_url)
    if detail.get("decision"):
        blocks.append(
            section(
                f"🗳️ *A decision is asked for: {detail['decision']}*. The players decide and say "
                f"why: `/incident exercise decide {detail['decision']} OPTION because …`"
            )
        )
    blocks.append(
        context(
            f"{detail['inject']} · exercise time {at:%a %d %b %Y, %H:%M} UTC · EXERCISE, nothing "
            f"of this is real"
        )
    )
    return text, blocks


def _papers(detail: Mapping[str, Any], situation: Situation, base_url: str) -> list[Block]:
    home = f"{base_url}/incidents/{situation.ref}/exercise/papers/{detail['inject']}"
    return [
        section(f"📎 <{home}/{one['name']}|{escape(str(one['name']))} (EXERCISE)>")
        for one in detail.get("attachments", ())
    ]


_ACTION_IS = {
    "assigned": ("is yours", "by"),
    "due": ("is due", "by"),
    "overdue": ("is overdue", "since"),
}


def action_for_you(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Tell the owner of a corrective action that it is theirs, or that it is due: real work."""
    link = f"{base_url}/incidents/{situation.ref}/exercise"
    state = _ACTION_IS[str(detail["what"])]
    due = f" {state[1]} {detail['due_on']}" if detail["due_on"] else ""
    return plain(
        f"🛠️ A corrective action from the exercise <{link}|{situation.ref}> {state[0]}{due}:\n"
        f"*A-{detail['number']}* {escape(str(detail['words']))}\n"
        f"Done? `/incident exercise done {situation.ref} {detail['number']} what shows it`"
    )


def report_is_there(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Tell the facilitator, an hour after ENDEX, that the report is drafted, and what it lacks."""
    home = f"{base_url}/incidents/{situation.ref}/exercise"
    open_ones = ", ".join(str(one) for one in detail["unconfirmed"])
    lacks = f"Confirm the rating of {open_ones}, write" if open_ones else "Write"
    return plain(
        f"📄 The after-action report of {situation.ref} {escape(situation.title)} is there: "
        f"<{home}/report.pdf|read it as PDF>.\n"
        f"{detail['answered']} of {detail['asked']} who took part answered the hot wash.\n"
        f"{lacks} down what is to be done, by whom and by when, then <{home}#report|make it final>."
    )


def retraction(detail: Mapping[str, Any], situation: Situation, _url: str) -> Message:
    """Take something back, in the words that were prepared for it."""
    return plain(f"{MARK} · ↩️ *RETRACTION*: {escape(str(detail['text']))}\n{situation.ref}")


def outbound(detail: Mapping[str, Any], situation: Situation, base_url: str) -> Message:
    """Say that a notice didn't leave, and why."""
    link = f"{base_url}/incidents/{situation.ref}/notices/{detail['number']}"
    return plain(
        f"⚠️ <{link}|N-{detail['number']}> of {situation.ref} was *not* sent: "
        f"{escape(str(detail['reason']))} Nothing left; Legal decides what to do."
    )


def shared_channel(ref: str, inject: str, *, base_url: str) -> Message:
    """Tell the facilitator that outsiders read the channel of a run, and what to do."""
    lost = f" {inject} wasn't posted and waits for you." if inject else ""
    release = f"`/incident exercise {ref} release {inject}`" if inject else ""
    then = f" Then {release} and" if inject else " Then"
    return plain(
        f"{MARK} · ⏸️ *{ref} is held: its channel is shared with another organisation.*{lost} "
        f"Nothing is posted there: they might take it for real. Other news waits for you to "
        f"resume.\nStop sharing the channel.{then} `/incident exercise {ref} resume`, or use "
        f"<{base_url}/incidents/{ref}/exercise|your console>."
    )


def guest_stays(ref: str, slack_id: str, code: str, *, base_url: str) -> Message:
    """Tell the facilitator that a guest stays in a run's channel, and what to do."""
    return plain(
        f"{MARK} · ⏸️ *{ref} is held: <@{slack_id}> is a guest of this workspace and reads its "
        f"channel.* Slack didn't let Tocsin remove them (`{code}`).\n"
        f"Remove them by hand: `/remove <@{slack_id}>` in the channel. Then "
        f"`/incident exercise {ref} resume`, or use "
        f"<{base_url}/incidents/{ref}/exercise|your console>."
    )


def marked(text: str, blocks: Sequence[Block]) -> Message:
    """Mark any message of an exercise that doesn't bear the mark in its first words yet."""
    if text.startswith(MARK):
        return text, list(blocks)
    return f"{MARK} · {text}", [context(f"*{MARK}* · nothing of this is real"), *blocks]


def marked_form(view: View) -> View:
    """Mark a form that is about an exercise; forms keep the reference in their metadata."""
    if names_exercise(str(view.private_metadata or "")):
        view.blocks = [context(f"*{MARK}* · nothing of this is real"), *(view.blocks or [])]
    return view


def marked_ref(ref: str) -> str:
    """Return a reference with the mark before it if it is an exercise's, for lists of many."""
    return f"{MARK} {ref}" if is_exercise_ref(ref) else ref
