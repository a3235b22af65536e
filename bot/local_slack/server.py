"""The workspace in a box over HTTP, on this computer only.

Decides: addresses, who is let in (loopback, same origin), how faults look on the wire, starting and
stopping. Doesn't decide: what a call does (web_api.py) or what the page may ask (box_routes.py).
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.local_slack.box import LocalSlack
from bot.local_slack.box_routes import box_router
from bot.local_slack.files import LOGIN_PAGE, visible_file
from bot.local_slack.loopback import host_of_header, is_loopback, require_loopback
from bot.local_slack.workspace import ApiError, Json

PAGE = Path(__file__).parent / "page"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
START_SECONDS = 10.0
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]


class NotStartedError(RuntimeError):
    """The server didn't come up in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A served box: `url` without a trailing slash; `stop()` ends server and deliveries."""

    box: LocalSlack
    url: str
    server: uvicorn.Server
    thread: threading.Thread

    @property
    def api_url(self) -> str:
        """Return the base URL for slack_sdk's WebClient."""
        return f"{self.url}/api/"

    def stop(self) -> None:
        """Stop delivering, stop the server, and wait for both."""
        self.box.close()
        self.server.should_exit = True
        self.thread.join(timeout=START_SECONDS)


class Guard:
    """Lets in only what comes from this computer and, for /box/, from the box's own page.

    A Host header that isn't loopback is what a DNS-rebinding page sends; an Origin of another
    site is a cross-site request. It also gives handlers the means to hang up without a word.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to strangers, pass on the rest."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = _stranger(scope)
        if problem:
            await PlainTextResponse(problem, status_code=403)(scope, receive, send)
            return
        # uvicorn's request cycle owns the connection; there is no ASGI message for hanging up.
        cycle = getattr(receive, "__self__", None)
        scope["box.transport"] = getattr(cycle, "transport", None)
        await self._app(scope, receive, send)


def _stranger(scope: Scope) -> str:
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    host = headers.get("host", "")
    if not is_loopback(host_of_header(host)):
        return "The practice workspace answers only to 127.0.0.1 or localhost."
    if not scope["path"].startswith("/box/"):
        return ""
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "Requests from other pages are refused."
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "Requests from other pages are refused."
    return ""


def create_app(box: LocalSlack) -> FastAPI:
    """Return the web application of a box; it refuses strangers whatever it is bound to."""
    app = FastAPI(title="Practice workspace", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    app.include_router(box_router(box))
    _add_api(app, box)
    _add_files(app, box)
    _add_page(app)
    return app


def _note_address(box: LocalSlack, request: Request) -> None:
    """Learn the own address from the first request when someone else runs the server."""
    if not box.base_url:
        box.serve_at(f"http://{request.headers['host']}")


async def _values(request: Request) -> Json:
    """Return query, form fields and JSON body as one set of arguments."""
    values: Json = dict(request.query_params)
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        return values | (found if isinstance(found, dict) else {})
    if content_type.startswith("multipart/form-data"):
        form = await request.form()
        return values | {k: v for k, v in form.items() if isinstance(v, str)}
    return values | dict(parse_qsl(body.decode(), keep_blank_values=True))


def _token(request: Request, values: Json) -> str:
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ").strip() or str(values.get("token", ""))


def _add_api(app: FastAPI, box: LocalSlack) -> None:
    @app.api_route("/api/{method}", methods=["GET", "POST"])
    async def web_api(method: str, request: Request) -> Response:
        _note_address(box, request)
        try:
            values = await _values(request)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json"})
        answer = await run_in_threadpool(box.call, method, values, _token(request, values))
        if answer.wait_seconds:
            await asyncio.sleep(answer.wait_seconds)
        if answer.hang_up:
            _hang_up(request)
        headers = dict(answer.headers)
        if box.tokens.scopes is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(box.tokens.scopes))
        return JSONResponse(answer.body, status_code=answer.status, headers=headers)

    @app.post("/hooks/{serial}")
    async def response_url(serial: str, request: Request) -> Response:
        try:
            values = await _values(request)
            await run_in_threadpool(_answer_hook, box, serial, values)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, status_code=400)
        except ApiError as error:
            gone = error.code in ("invalid_url", "used_url", "expired_url")
            body = {"ok": False, "error": error.code, **error.detail}
            return JSONResponse(body, status_code=404 if gone else 400)
        return PlainTextResponse("ok")


def _answer_hook(box: LocalSlack, serial: str, values: Json) -> None:
    with box.workspace.lock:
        box.hooks.answer(box.api(), serial, values)


def _hang_up(request: Request) -> None:
    transport = request.scope.get("box.transport")
    if transport is not None:
        transport.abort()


def _add_files(app: FastAPI, box: LocalSlack) -> None:
    @app.post("/upload/v1/{file_id}")
    async def upload(file_id: str, request: Request) -> Response:
        data = await request.body()
        with box.workspace.lock:
            record = box.workspace.files.get(file_id)
            if record is None or record["complete"]:
                return PlainTextResponse("not found", status_code=404)
            box.shelf.put(file_id, data)
            record["size"] = len(data)
        return PlainTextResponse(f"OK - {len(data)}")

    @app.get("/files-pri/{path:path}")
    def private_file(path: str, request: Request) -> Response:
        # Slack answers a request without a good token with 200 and an HTML login page.
        if _token(request, {}) != box.tokens.bot:
            return HTMLResponse(LOGIN_PAGE)
        scopes = box.tokens.scopes
        if scopes is not None and "files:read" not in scopes:
            return HTMLResponse(LOGIN_PAGE)
        with box.workspace.lock:
            try:
                file_id = path.partition("/")[0].partition("-")[2]
                record = visible_file(box.workspace, file_id, to=box.app.bot_user_id)
                data = box.shelf.get(record["id"])
            except ApiError:
                return HTMLResponse(LOGIN_PAGE)
        return Response(data, media_type=record["mimetype"])


def _add_page(app: FastAPI) -> None:
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    @app.get("/")
    @app.get("/archives/{_rest:path}")
    def index() -> Response:
        return FileResponse(PAGE / "index.html", headers=headers)

    @app.get("/page/{name}")
    def asset(name: str) -> Response:
        if name not in {path.name for path in PAGE.iterdir()}:
            return PlainTextResponse("not found", status_code=404)
        return FileResponse(PAGE / name, headers=headers)


def serve_in_thread(box: LocalSlack, host: str = "127.0.0.1", port: int = 0) -> Running:
    """Serve a box from a thread of this process; port 0 takes a free one.

    Raises NotLoopbackError for any address that other computers could reach, OSError when the port
    is taken, NotStartedError when the server doesn't come up.
    """
    require_loopback(host)
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    box.serve_at(f"http://{shown}:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        create_app(box),
        log_level="critical",
        lifespan="off",
        ws="none",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="box-server", daemon=True
    )
    thread.start()
    running = Running(box=box, url=box.base_url, server=server, thread=thread)
    pause = threading.Event()
    for _ in range(int(START_SECONDS / 0.01)):
        if server.started:
            return running
        pause.wait(0.01)
    running.stop()
    raise NotStartedError(f"The practice workspace didn't start on {box.base_url}.")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; without it each answer may wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
