"""The ways in which the workspace in a box can be told to misbehave.

Decides: which fault strikes which call, and how often. Doesn't decide: what the fault looks like
on the wire (web_api.py, inbound.py, server.py). A target is a Web API method ("chat.postMessage"),
an inbound kind ("inbound:slash_command", "inbound:block_actions", "inbound:view_submission",
"inbound:view_closed", "inbound:shortcut", "inbound:message_action", "inbound:event"), or a pattern
with `*` ("chat.*", "inbound:*", "*": every Web API method).
"""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase

WEB_API_KINDS = frozenset(
    {
        "rate_limited",
        "server_error",
        "timeout_after_work",
        "timeout_before_work",
        "api_error",
        "down",
    }
)
INBOUND_KINDS = frozenset({"deliver_twice", "deliver_late"})


class UnknownFaultError(ValueError):
    """A fault was asked for that the box doesn't know, or on a target where it means nothing."""


@dataclass(kw_only=True, slots=True)
class Fault:
    """One misbehaviour; `times` is how often it still strikes, None means until removed.

    `skip` lets that many calls pass first. `seconds` is the length of a delay, `retry_after` the
    header of a 429 in seconds, `code` the error of an `api_error`.
    """

    id: str
    target: str
    kind: str
    times: int | None
    skip: int = 0
    seconds: float = 0.0
    retry_after: int = 1
    code: str = "internal_error"

    def matches(self, name: str) -> bool:
        """Return whether this fault is meant for the call or delivery with that name."""
        if self.target == "*":
            return not name.startswith("inbound:")
        return fnmatchcase(name, self.target)


class Faults:
    """The list of faults that wait to strike; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._count = 0

    def add(
        self,
        target: str,
        kind: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        seconds: float = 0.0,
        retry_after: int = 1,
        code: str = "internal_error",
    ) -> Fault:
        """Let `kind` strike the next `times` calls of `target`, after letting `skip` pass.

        `times=None` lasts until removed; `down` always does. Delays are in seconds of real time.
        Raises UnknownFaultError for a kind that doesn't exist or doesn't fit the target.
        """
        inbound = target.startswith("inbound:")
        fitting = INBOUND_KINDS if inbound else WEB_API_KINDS
        if kind not in fitting:
            raise UnknownFaultError(
                f"{target}: no fault {kind!r} there; choose one of {', '.join(sorted(fitting))}"
            )
        with self._lock:
            self._count += 1
            fault = Fault(
                id=f"F{self._count}",
                target=target,
                kind=kind,
                times=None if kind == "down" else times,
                skip=skip,
                seconds=seconds,
                retry_after=retry_after,
                code=code,
            )
            self._faults.append(fault)
        return fault

    def take(self, name: str) -> Fault | None:
        """Return the fault that strikes this call and count it, or None."""
        with self._lock:
            for fault in self._faults:
                if not fault.matches(name):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    def waiting(self) -> list[Fault]:
        """Return the faults that still wait to strike, oldest first."""
        with self._lock:
            return list(self._faults)

    def remove(self, fault_id: str) -> bool:
        """Take one fault away; return whether it was still there."""
        with self._lock:
            before = len(self._faults)
            self._faults = [f for f in self._faults if f.id != fault_id]
            return len(self._faults) < before

    def clear(self) -> None:
        """Take every fault away."""
        with self._lock:
            self._faults.clear()
