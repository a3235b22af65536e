"""Web API methods about modals, the Home tab, files and Socket Mode.

Source: https://docs.slack.dev/reference/methods (one page per method), with Slack's own errors.
"""

from bot.local_slack.args import Api, Args, Entry
from bot.local_slack.files import file_wire, new_file, share_file, visible_file
from bot.local_slack.workspace import ApiError, Json

# -- views --------------------------------------------------------------------------------------


def _view(api: Api, args: Args, *, kind: str) -> Json:
    view = args.json("view")
    api.views.check(view, kind=kind)
    checked: Json = view
    return checked


def _trigger(api: Api, args: Args) -> str:
    trigger_id = args.text("trigger_id") or args.text("interactivity_pointer")
    if not trigger_id:
        raise ApiError("invalid_arguments")
    return api.views.spend_trigger(trigger_id)


def _open(api: Api, args: Args) -> Json:
    view = _view(api, args, kind="modal")
    return {"view": api.views.open(_trigger(api, args), view)}


def _push(api: Api, args: Args) -> Json:
    view = _view(api, args, kind="modal")
    return {"view": api.views.push(_trigger(api, args), view)}


def _update(api: Api, args: Args) -> Json:
    current = api.views.find(view_id=args.text("view_id"), external_id=args.text("external_id"))
    if args.text("hash") and args.text("hash") != current["hash"]:
        raise ApiError("hash_conflict")
    return {"view": api.views.update(current, _view(api, args, kind="modal"))}


def _publish(api: Api, args: Args) -> Json:
    user = args.required("user_id")
    if user not in api.workspace.people:
        raise ApiError("user_not_found")
    current = api.workspace.homes.get(user)
    if args.text("hash") and current is not None and args.text("hash") != current["hash"]:
        raise ApiError("hash_conflict")
    return {"view": api.views.publish(user, _view(api, args, kind="home"))}


# -- files --------------------------------------------------------------------------------------


def _file_info(api: Api, args: Args) -> Json:
    record = visible_file(api.workspace, args.required("file"), to=api.me)
    return {"file": file_wire(api.workspace, record, api.base_url), "comments": []}


def _upload_url(api: Api, args: Args) -> Json:
    length = args.number("length", 0)
    if length < 1:
        raise ApiError("invalid_arguments")
    record = new_file(api.workspace, user=api.me, name=args.required("filename"), size=length)
    url = f"{api.base_url}/upload/v1/{record['id']}"
    return {"upload_url": url, "file_id": record["id"]}


def _complete_upload(api: Api, args: Args) -> Json:
    items = args.json("files")
    if not isinstance(items, list) or not items:
        raise ApiError("invalid_arguments")
    channels = [c for c in [args.text("channel_id"), *args.words("channels")] if c]
    homes = [api.workspace.live_channel(c, member=api.me) for c in channels]
    records = []
    for item in items:
        record = api.workspace.files.get(str(item.get("id")))
        if record is None or record["user"] != api.me:
            raise ApiError("file_not_found")
        api.shelf.get(record["id"])
        record["title"] = item.get("title") or record["name"]
        record["complete"] = True
        records.append(record)
    extra = {"text": args.text("initial_comment")}
    if args.text("thread_ts"):
        extra["thread_ts"] = args.text("thread_ts")
    for home in homes:
        for record in records:
            share_file(
                api.workspace, record, channel=home, user=api.me, base_url=api.base_url, **extra
            )
    return {"files": [file_wire(api.workspace, record, api.base_url) for record in records]}


def _delete_file(api: Api, args: Args) -> Json:
    record = visible_file(api.workspace, args.required("file"), to=api.me)
    if record["user"] != api.me:
        raise ApiError("cant_delete_file")
    record["complete"] = False
    api.shelf.forget(record["id"])
    for channel_id in record["channels"]:
        for message in api.workspace.channels[channel_id].messages:
            for shared in message.wire.get("files", []):
                if shared["id"] == record["id"]:
                    shared["mode"] = "tombstone"
    api.workspace.touch()
    return {}


# -- Socket Mode --------------------------------------------------------------------------------


def _connect(api: Api, _args: Args) -> Json:
    if not api.socket_url:
        raise ApiError("socket_mode_not_enabled")
    return {"url": api.socket_url}


METHODS: dict[str, Entry] = {
    "views.open": Entry(run=_open),
    "views.push": Entry(run=_push),
    "views.update": Entry(run=_update),
    "views.publish": Entry(run=_publish),
    "files.info": Entry(run=_file_info, scope="files:read"),
    "files.delete": Entry(run=_delete_file, scope="files:write"),
    "files.getUploadURLExternal": Entry(run=_upload_url, scope="files:write"),
    "files.completeUploadExternal": Entry(run=_complete_upload, scope="files:write"),
    "apps.connections.open": Entry(run=_connect),
}
