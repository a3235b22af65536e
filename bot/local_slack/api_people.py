"""Web API methods about people and the app itself: api.test, auth.test, users.*.

Source: https://docs.slack.dev/reference/methods (one page per method).
"""

from zoneinfo import ZoneInfo

from bot.local_slack.args import Api, Args, Entry, page
from bot.local_slack.people import TEAM_ID, TEAM_NAME, Person
from bot.local_slack.workspace import ApiError, Json


def _test(_api: Api, args: Args) -> Json:
    if args.text("error"):
        raise ApiError(args.text("error"), args=args.values)
    return {"args": args.values}


def _auth(api: Api, _args: Args) -> Json:
    app = api.workspace.app
    return {
        "url": f"{api.base_url}/",
        "team": TEAM_NAME,
        "user": app.name.lower(),
        "team_id": TEAM_ID,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def user_wire(api: Api, person: Person) -> Json:
    """Return a person as users.info does; `tz_offset` is in seconds east of UTC, now."""
    offset = api.workspace.now().astimezone(ZoneInfo(person.tz)).utcoffset()
    profile = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "email": person.email,
        "team": TEAM_ID,
    }
    return {
        "id": person.id,
        "team_id": TEAM_ID,
        "name": person.name,
        "deleted": False,
        "color": person.colour.lstrip("#"),
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": bool(person.guest),
        "is_ultra_restricted": person.guest == "ultra_restricted",
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def _info(api: Api, args: Args) -> Json:
    return {"user": user_wire(api, api.workspace.person(args.required("user")))}


def _list(api: Api, args: Args) -> Json:
    people = [user_wire(api, person) for person in api.workspace.people.values()]
    return {**page(people, args, "members"), "cache_ts": api.workspace.unix()}


def _by_email(api: Api, args: Args) -> Json:
    email = args.required("email").lower()
    for person in api.workspace.people.values():
        if person.email and person.email.lower() == email:
            return {"user": user_wire(api, person)}
    raise ApiError("users_not_found")


METHODS: dict[str, Entry] = {
    "api.test": Entry(run=_test),
    "auth.test": Entry(run=_auth),
    "users.info": Entry(run=_info, scope="users:read"),
    "users.list": Entry(run=_list, scope="users:read"),
    "users.lookupByEmail": Entry(run=_by_email, scope="users:read.email"),
}
