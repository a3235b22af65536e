"""What the page asks of the workspace in a box: /box/… over HTTP, as JSON.

Decides: addresses and shapes between page and box. Doesn't decide: what an action does (driver.py).
There is no login: the page says who it acts as, which is right only because nothing but this
computer is let in (server.py).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from bot.local_slack.api_messages import pin_message, unpin_message
from bot.local_slack.box import LocalSlack
from bot.local_slack.driver import PersonDriver
from bot.local_slack.faults import UnknownFaultError
from bot.local_slack.files import visible_file
from bot.local_slack.forms import UnknownInputError
from bot.local_slack.inbound import Ack
from bot.local_slack.interactions import SLACKBOT, NothingOpenError
from bot.local_slack.people import TEAM_NAME
from bot.local_slack.workspace import ApiError, Channel, Json

NO_CONTENT = 204


def box_router(box: LocalSlack) -> APIRouter:
    """Return the routes under /box/."""
    router = APIRouter(prefix="/box")
    _add_reading(router, box)
    _add_acting(router, box)
    _add_files(router, box)
    _add_faults(router, box)
    return router


def _add_reading(router: APIRouter, box: LocalSlack) -> None:
    @router.get("/people")
    def people() -> Json:
        shown = [asdict(p) for p in box.workspace.people.values() if not p.is_bot]
        return {"team": TEAM_NAME, "people": shown}

    @router.get("/state")
    def state(request: Request) -> Response:
        query = request.query_params
        user = query.get("as", "")
        with box.workspace.lock:
            if user not in box.workspace.people:
                return JSONResponse({"error": "user_not_found"}, status_code=404)
            if query.get("v") == str(box.workspace.version):
                return Response(status_code=NO_CONTENT)
            return JSONResponse(state_for(box, user, query.get("channel", "")))

    @router.get("/faults")
    def faults() -> Json:
        return {"faults": [asdict(f) for f in box.faults.waiting()]}


def state_for(box: LocalSlack, user: str, channel_id: str) -> Json:
    """Return everything one person's page shows; the caller holds the lock."""
    person = box.person(user)
    workspace = box.workspace
    mine = [c for c in workspace.channels.values() if user in c.members]
    shown = next((c for c in mine if c.id == channel_id), None)
    return {
        "version": workspace.version,
        "team": TEAM_NAME,
        "me": user,
        "now": workspace.now().timestamp(),
        "app": asdict(box.app),
        "people": {
            p.id: {
                "id": p.id,
                "name": p.name,
                "real_name": p.real_name,
                "title": p.title,
                "tz": p.tz,
                "colour": p.colour,
                "is_bot": p.is_bot,
            }
            for p in workspace.people.values()
            if p.id != SLACKBOT
        },
        "channels": [_channel(c, user) for c in mine],
        "channel_names": {
            c.id: c.name for c in workspace.channels.values() if c.kind == "public" or c in mine
        },
        "messages": person.messages(shown.id) if shown else [],
        "home": person.home(),
        "modals": person.modals(),
        "notices": box.desk.notices.get(user, []),
        "faults": [asdict(f) for f in box.faults.waiting()],
    }


def _channel(channel: Channel, user: str) -> Json:
    seen = [m for m in channel.messages if m.only_for in (None, user)]
    talk = [m.wire["ts"] for m in seen if m.wire["user"] != user and not _quiet(m.wire)]
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "archived": channel.archived,
        "members": channel.members,
        "bookmarks": channel.bookmarks,
        "pins": [p["ts"] for p in channel.pins],
        "latest": talk[-1] if talk else "",
        "talk": talk[-99:],
    }


def _quiet(wire: Json) -> bool:
    return str(wire.get("subtype", "")).startswith(("channel_", "group_"))


def _act(box: LocalSlack, what: str, body: Mapping[str, Any]) -> Json:
    """Do one action for the page and say what came of it."""
    person = box.person(str(body["as"]))
    if what == "slash":
        return _ack(person.slash(body["command"], body.get("text", ""), channel=body["channel"]))
    if what == "post":
        message = person.post(body["channel"], body["text"], thread_ts=body.get("thread_ts"))
        return {"ts": message["ts"]}
    if what == "shortcut":
        return _ack(person.shortcut(body["callback_id"]))
    if what == "message_shortcut":
        return _ack(
            person.message_shortcut(body["callback_id"], channel=body["channel"], ts=body["ts"])
        )
    if what in ("click", "submit", "close"):
        return _act_on_blocks(person, what, body)
    return _act_on_channel(box, what, body)


def _act_on_blocks(person: PersonDriver, what: str, body: Mapping[str, Any]) -> Json:
    if what == "submit":
        done = person.submit({"id": body["view"]}, body.get("values") or {})
        return {"ok": done.ok, "errors": done.errors, "notice": done.notice}
    if what == "close":
        person.close({"id": body["view"]}, clear=bool(body.get("clear")))
        return {}
    return _ack(
        person.click(
            dict(body["target"]),
            body["action_id"],
            block_id=body.get("block_id"),
            value=body.get("value"),
            typed=body.get("typed"),
        )
    )


def _act_on_channel(box: LocalSlack, what: str, body: Mapping[str, Any]) -> Json:
    user = str(body["as"])
    workspace = box.workspace
    if what == "home":
        box.desk.open_home(user)
        return {}
    if what == "dm":
        with workspace.lock:
            return {"channel": workspace.direct_channel([user, str(body["with"])]).id}
    if what in ("pin", "unpin"):
        with workspace.lock:
            channel = workspace.live_channel(str(body["channel"]), member=user)
            if what == "pin":
                pin_message(box.api(), channel, str(body["ts"]), user)
            else:
                unpin_message(box.api(), channel, str(body["ts"]))
        return {}
    raise ApiError("unknown_action")


def _ack(ack: Ack) -> Json:
    return {"ok": ack.ok, "failure": ack.failure, "status": ack.status}


def _add_acting(router: APIRouter, box: LocalSlack) -> None:
    @router.post("/act/{what}")
    def act(what: str, body: dict[str, Any]) -> Response:
        try:
            return JSONResponse(_act(box, what, body))
        except ApiError as error:
            return JSONResponse({"error": error.code}, status_code=409)
        except (NothingOpenError, UnknownInputError, KeyError) as error:
            return JSONResponse({"error": str(error)}, status_code=409)


def _add_files(router: APIRouter, box: LocalSlack) -> None:
    @router.post("/upload")
    async def upload(request: Request) -> Response:
        query = request.query_params
        data = await request.body()
        try:
            person = box.person(query["as"])
            record = await run_in_threadpool(
                person.upload,
                query["channel"],
                query["name"],
                data,
                comment=query.get("comment", ""),
            )
        except ApiError as error:
            return JSONResponse({"error": error.code}, status_code=409)
        return JSONResponse({"id": record["id"]})

    @router.get("/file/{file_id}")
    def file(file_id: str, request: Request) -> Response:
        """Return a file's bytes to a person who may see it."""
        try:
            with box.workspace.lock:
                user = request.query_params.get("as", "")
                record = visible_file(box.workspace, file_id, to=user)
                data = box.shelf.get(record["id"])
        except ApiError as error:
            return JSONResponse({"error": error.code}, status_code=404)
        picture = record["mimetype"] in ("image/png", "image/jpeg", "image/gif", "image/webp")
        inline = picture or record["mimetype"] == "application/pdf"
        quoted = json.dumps(record["name"].encode("ascii", "replace").decode())
        headers = {
            "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename={quoted}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        }
        return Response(data, media_type=record["mimetype"], headers=headers)


def _add_faults(router: APIRouter, box: LocalSlack) -> None:
    @router.post("/faults")
    def add(body: dict[str, Any]) -> Response:
        try:
            fault = box.faults.add(**body)
        except (UnknownFaultError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        with box.workspace.lock:
            box.workspace.touch()
        return JSONResponse(asdict(fault))

    @router.delete("/faults")
    def clear() -> Json:
        box.faults.clear()
        with box.workspace.lock:
            box.workspace.touch()
        return {}

    @router.delete("/faults/{fault_id}")
    def remove(fault_id: str) -> Json:
        removed = box.faults.remove(fault_id)
        with box.workspace.lock:
            box.workspace.touch()
        return {"removed": removed}
