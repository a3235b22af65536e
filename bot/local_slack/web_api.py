"""The Web API of the workspace in a box: token, scopes, faults, the record of calls.

Decides: whether a call is let in, what it answers, and that it is written down. Doesn't decide:
what a method does (api_*.py) or how an answer travels (server.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.local_slack import api_conversations, api_messages, api_people, api_views
from bot.local_slack.args import SCOPE_BY_KIND, Api, Args, Entry
from bot.local_slack.faults import Fault
from bot.local_slack.workspace import ApiError, Json

METHODS: dict[str, Entry] = {
    **api_people.METHODS,
    **api_conversations.METHODS,
    **api_messages.METHODS,
    **api_views.METHODS,
}
APP_TOKEN_METHODS = frozenset({"apps.connections.open"})
HTTP_TOO_MANY = 429
HTTP_OK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """The tokens that are let in, and the scopes of the bot token (None: all)."""

    bot: str
    app: str = ""
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call that left the app: what, when, what came of it.

    `worked` says whether the workspace changed or read as asked; `answered` whether the app was
    told. A time-out after the work has worked=True, answered=False. `error` is Slack's code.
    """

    method: str
    args: Json
    at: datetime
    worked: bool
    answered: bool
    error: str
    answer: Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the HTTP side must do: wait, then answer, or hang up without a word."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    hang_up: bool = False


def call(
    api: Api,
    method: str,
    values: Mapping[str, Any],
    *,
    token: str,
    tokens: Tokens,
    fault: Fault | None,
) -> tuple[Answer, Call]:
    """Run one Web API call with the fault that strikes it, and return answer and record."""
    args = Args(values)
    if fault is not None and fault.kind != "timeout_after_work":
        answer = _faulty(fault)
    else:
        answer = Answer(status=HTTP_OK, body=_run(api, method, args, token=token, tokens=tokens))
    worked = answer.status == HTTP_OK and bool(answer.body.get("ok"))
    if fault is not None and fault.kind == "timeout_after_work":
        answer = Answer(status=HTTP_OK, body=answer.body, wait_seconds=fault.seconds, hang_up=True)
    record = Call(
        method=method,
        args=args.values,
        at=api.workspace.now(),
        worked=worked,
        answered=not answer.hang_up,
        error=str(answer.body.get("error", "")),
        answer=answer.body,
    )
    return answer, record


def _faulty(fault: Fault) -> Answer:
    if fault.kind == "rate_limited":
        return Answer(
            status=HTTP_TOO_MANY,
            body={"ok": False, "error": "ratelimited"},
            headers={"Retry-After": str(fault.retry_after)},
        )
    if fault.kind == "api_error":
        return Answer(status=HTTP_OK, body={"ok": False, "error": fault.code})
    if fault.kind == "server_error":
        return Answer(status=500, body={"ok": False, "error": "internal_error"})
    if fault.kind == "down":
        return Answer(status=503, body={"ok": False, "error": "service_unavailable"})
    return Answer(status=HTTP_OK, body={}, wait_seconds=fault.seconds, hang_up=True)


def _run(api: Api, method: str, args: Args, *, token: str, tokens: Tokens) -> Json:
    try:
        entry = _entry(method)
        if method != "api.test":
            _check_token(method, token, tokens)
            _check_scope(api, method, entry, args, tokens)
        # A copy: the state goes on changing while the answer is being sent, and in the record.
        answer: Json = json.loads(json.dumps({"ok": True, **entry.run(api, args)}))
    except ApiError as error:
        return {"ok": False, "error": error.code, **error.detail}
    return answer


def _entry(method: str) -> Entry:
    if method not in METHODS:
        raise ApiError("unknown_method", req_method=method)
    return METHODS[method]


def _check_token(method: str, token: str, tokens: Tokens) -> None:
    if not token:
        raise ApiError("not_authed")
    if method in APP_TOKEN_METHODS:
        if token == tokens.bot:
            raise ApiError("not_allowed_token_type")
        if token != tokens.app:
            raise ApiError("invalid_auth")
    elif token != tokens.bot:
        raise ApiError("invalid_auth")


def _check_scope(api: Api, method: str, entry: Entry, args: Args, tokens: Tokens) -> None:
    if tokens.scopes is None or method in APP_TOKEN_METHODS:
        return
    needed = _needed(api, method, entry, args)
    if not needed <= tokens.scopes:
        raise ApiError(
            "missing_scope",
            needed=",".join(sorted(needed)),
            provided=",".join(sorted(tokens.scopes)),
        )


def _needed(api: Api, method: str, entry: Entry, args: Args) -> set[str]:
    """Return the scopes that are needed; a channel's kind decides for conversations.*."""
    if not entry.family:
        return {entry.scope} if entry.scope else set()
    by_kind = SCOPE_BY_KIND[entry.family]
    if method == "conversations.create":
        return {by_kind["private" if args.flag("is_private") else "public"]}
    channel = api.workspace.channels.get(args.text("channel"))
    if channel is not None:
        return {by_kind["im" if channel.kind in ("im", "mpim") else channel.kind]}
    kinds = api_conversations.TYPE_KINDS
    types = args.words("types") or ["public_channel"]
    return {by_kind["im" if "im" in kinds.get(t, "") else kinds.get(t, "public")] for t in types}
