"""The rule that the workspace in a box stays on this computer."""

import ipaddress
from urllib.parse import urlsplit


class NotLoopbackError(ValueError):
    """An address that other computers could reach was given to the workspace in a box."""


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can only mean this computer."""
    bare = host.strip().strip("[]").lower()
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> str:
    """Return the host. Raises NotLoopbackError if other computers could reach it."""
    if not is_loopback(host):
        raise NotLoopbackError(
            f"The practice workspace has no login, so it only listens on this computer: "
            f"use 127.0.0.1 instead of {host!r}."
        )
    return host


def require_loopback_url(url: str) -> str:
    """Return the address. Raises NotLoopbackError if it leads to another computer."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise NotLoopbackError(
            f"The practice workspace only talks to a bot on this computer: {url!r} leads "
            "elsewhere; use http://127.0.0.1:PORT/slack/events."
        )
    return url


def host_of_header(value: str) -> str:
    """Return the host of a Host header, without its port."""
    return urlsplit(f"//{value}").hostname or ""
