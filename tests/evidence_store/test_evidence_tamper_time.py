"""Tampering with time and time stamps, with a real authority, and honest variants of it."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.evidence_store.evidence_authority import (
    CHECKPOINTS,
    Authority,
    make_authority,
    sequence,
    stamped,
    story,
)
from tests.evidence_store.evidence_forgery import Case, prepare
from tests.evidence_store.evidence_kit import (
    ENTRIES,
    edit,
    read_lines,
    rebag,
    relink,
    sign,
    write_lines,
)

pytestmark = pytest.mark.slow

NINE = CHECKPOINTS + "000000000009.tsr"
SEAL = "tagmanifest-sha256.txt"
OK: dict[str, Any] = {"verdict": "VERIFIED"}
UNREAD: dict[str, Any] = {
    "verdict": "PARTIAL",
    "unchecked": ("token-unreadable", "no-trusted-time"),
}
Then = Callable[[Path, Authority], Any]


def recorded(
    *sizes: int,
    ago: timedelta = timedelta(minutes=10),
    step: timedelta = timedelta(seconds=5),
    more: tuple[str, ...] = (),
    then: Then | None = None,
    **how: Any,
) -> Callable[[Path, Authority], Path]:
    """Record the story, begun so long ago, and have it stamped at these sizes."""

    def stamp(folder: Path, authority: Authority) -> Path:
        bundle = story(folder, start=authority.now() - ago, step=step, more=more)
        stamped(bundle, authority, *sizes, **how)
        if then is not None:
            then(bundle, authority)
            rebag(bundle)
        return bundle

    return stamp


def on_token(change: Callable[[bytes], bytes], name: str = NINE) -> Then:
    def then(bundle: Path, _: Authority) -> None:
        good = (bundle / name).read_bytes()
        (bundle / name).write_bytes(change(good))
        assert (bundle / name).read_bytes() != good

    return then


def flipped_end(token: bytes) -> bytes:
    return token[:-1] + bytes([token[-1] ^ 1])


def earlier_by_a_minute(token: bytes) -> bytes:
    """Edit the time that the authority stated (GeneralizedTime)."""
    found = re.search(rb"\x18\x0f([0-9]{14})Z", token)
    assert found is not None
    stated = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    text = (stated - timedelta(minutes=1)).strftime("%Y%m%d%H%M%S")
    return token.replace(found[1], text.encode())


def indefinite(token: bytes) -> bytes:
    """Write the outermost length as BER's indefinite one."""
    assert token[:2] == b"\x30\x82"
    return b"\x30\x80" + token[4:] + b"\x00\x00"


def rejected(_: bytes) -> bytes:
    return sequence(sequence(b"\x02\x01\x02"))


def resigned_by(signer: str, extra: str = "") -> Then:
    def then(bundle: Path, authority: Authority) -> None:
        path = bundle / NINE.replace(".tsr", ".txt")
        authority.sign_again(path, signer=signer, extra=extra)

    return then


def by_another(bundle: Path, authority: Authority) -> None:
    other = make_authority(authority.folder.parent / f"other-{bundle.parent.name}")
    other.stamp(bundle / NINE.replace(".tsr", ".txt"))


def of_another_checkpoint(bundle: Path, _: Authority) -> None:
    (bundle / CHECKPOINTS / "000000000004.tsr").rename(bundle / NINE)


def sealed(bundle: Path, authority: Authority) -> None:
    rebag(bundle)
    authority.stamp(bundle / SEAL)


def sealed_before_a_change(bundle: Path, authority: Authority) -> None:
    sealed(bundle, authority)
    path = bundle / "bag-info.txt"
    path.write_text(path.read_text() + "Note: x\n")


def sealed_twice_broken(bundle: Path, authority: Authority) -> None:
    sealed(bundle, authority)
    on_token(lambda token: token[:100], f"{SEAL}.tsr")(bundle, authority)


def large_token(bundle: Path, _: Authority) -> None:
    (bundle / NINE).write_bytes(b"\x30" * ((1 << 20) + 1))


def alone(bundle: Path, _: Authority) -> None:
    """A time stamp whose checkpoint isn't there."""
    (bundle / NINE).rename(bundle / CHECKPOINTS / "000000000005.tsr")


def second_back_dated(bundle: Path, _: Authority) -> None:
    """Date the second entry after the stamp back, with the key: the first stays where it was."""
    kept = {p: p.read_bytes() for p in (bundle / CHECKPOINTS).glob("*4.t*")}
    lines = read_lines(bundle)
    back = datetime.fromisoformat(json.loads(lines[5])["ts"]) - timedelta(hours=1)
    text = back.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    write_lines(bundle, relink([*lines[:5], edit(lines[5], ts=text), *lines[6:]]))
    sign(bundle)
    for path, data in kept.items():
        path.write_bytes(data)


def after_a_silence(folder: Path, authority: Authority) -> Path:
    """Stamp twice with 2 seconds between, in a log that promises a stamp every second."""
    bundle = story(folder, start=authority.now(), step=timedelta(seconds=0.5))
    lines = read_lines(bundle)
    first = json.loads(lines[0])["data"] | {"max_lag_seconds": 1}
    lines = relink([edit(lines[0], data=first), *lines[1:]])
    write_lines(bundle, lines[:4])
    sign(bundle)
    authority.stamp(bundle / CHECKPOINTS / "000000000004.txt")
    kept = {p: p.read_bytes() for p in (bundle / CHECKPOINTS).iterdir()}
    write_lines(bundle, lines)
    sign(bundle)
    for path, data in kept.items():
        path.write_bytes(data)
    time.sleep(2.1)
    stamped(bundle, authority, 9)
    return bundle


def token(name: str, then: Then, **what: Any) -> Case:
    return Case(name=f"token: {name}", stamp=recorded(9, then=then), **what)


INVALID = {"code": "token-invalid", "place": NINE}
DAYS = timedelta(days=30)
CASES = [
    Case(
        name="time: stamped to the end",
        stamp=recorded(9),
        **OK,
        says=("1 time stamps verify; the times of entries fit between them",),
    ),
    Case(name="time: stamped with SHA-384", stamp=recorded(9, algorithm="sha384"), **OK),
    Case(name="time: stamped with SHA-512", stamp=recorded(9, algorithm="sha512"), **OK),
    Case(name="time: several stamps", stamp=recorded(4, 9, ago=timedelta(seconds=20)), **OK),
    Case(
        name="time: no stamps", stamp=recorded(), verdict="PARTIAL", unchecked=("no-trusted-time",)
    ),
    Case(
        name="time: no roots given",
        stamp=recorded(9),
        options={"tsa_ca": None},
        verdict="PARTIAL",
        unchecked=("no-tsa-ca",),
    ),
    Case(
        name="time: no openssl",
        stamp=recorded(9),
        openssl=False,
        verdict="PARTIAL",
        unchecked=("no-openssl",),
    ),
    Case(
        name="time: no key given",
        stamp=recorded(9),
        options={"vkeys": []},
        verdict="SELF_CONSISTENT",
        code="no-outside-key",
        says=("who made this bundle: anyone can make one that agrees with itself",),
    ),
    Case(
        name="time: notes about anchoring after the last stamp",
        **OK,
        stamp=recorded(9, ago=timedelta(seconds=20), more=("log.anchored", "bundle.exported")),
    ),
    Case(
        name="time: another entry after the last stamp",
        verdict="PARTIAL",
        unchecked=("time-tail",),
        stamp=recorded(9, ago=timedelta(seconds=20), more=("log.anchored", "note.recorded")),
    ),
    Case(
        name="time: another entry before a note about anchoring",
        verdict="PARTIAL",
        unchecked=("time-tail",),
        stamp=recorded(9, ago=timedelta(seconds=20), more=("note.recorded", "log.anchored")),
    ),
    Case(
        name="time: entry from the future",
        stamp=recorded(9, ago=timedelta(0), step=timedelta(seconds=50)),
        code="time-after-token",
        place=f"{ENTRIES} line 9",
    ),
    Case(
        name="time: entry within the skew",
        **OK,
        stamp=recorded(9, ago=timedelta(0), step=timedelta(seconds=6)),
    ),
    Case(
        name="time: entry dated back behind a stamp",
        stamp=recorded(4, 9),
        code="time-before-token",
        place=f"{ENTRIES} line 5",
    ),
    Case(
        name="time: dated back behind the last stamp",
        stamp=recorded(4),
        code="time-before-token",
        place=f"{ENTRIES} line 5",
    ),
    Case(
        name="time: history rewritten after 30 days",
        stamp=recorded(9, ago=DAYS),
        verdict="PARTIAL",
        unchecked=("time-late",),
    ),
    Case(
        name="time: history rewritten after 30 days, strict",
        stamp=recorded(9, ago=DAYS),
        options={"strict": True},
        code="time-late",
        place=f"{ENTRIES} line 1",
    ),
    Case(
        name="time: a minute within the promised lag",
        options={"strict": True},
        **OK,
        stamp=recorded(9, ago=timedelta(hours=24) - timedelta(minutes=1)),
    ),
    Case(
        name="time: a minute beyond the promised lag",
        options={"strict": True},
        stamp=recorded(9, ago=timedelta(hours=24, minutes=1)),
        code="time-late",
        place=f"{ENTRIES} line 1",
    ),
    Case(
        name="time: second entry behind a stamp dated back",
        code="time-before-token",
        stamp=recorded(4, ago=timedelta(seconds=20), then=second_back_dated),
        place=f"{ENTRIES} line 6",
    ),
    Case(
        name="time: a silence between two stamps",
        stamp=after_a_silence,
        warns=1,
        says=("no time stamp for 0.0 h before ",),
        **OK,
    ),
    # Tokens.
    token("of another authority", by_another, **INVALID),
    Case(
        name="token: of another checkpoint",
        **INVALID,
        stamp=recorded(4, ago=timedelta(seconds=20), then=of_another_checkpoint),
    ),
    token("one bit of the signature", on_token(flipped_end), **INVALID),
    token("time edited", on_token(earlier_by_a_minute), **INVALID),
    token("signed by a certificate for the web", resigned_by("web"), **INVALID),
    token("signed by the root itself", resigned_by("root"), **INVALID),
    token("signed anew by the right certificate", resigned_by("signer"), **OK),
    token("with one more certificate in it", resigned_by("signer", extra="web"), **OK),
    token("cut off", on_token(lambda t: t[:200]), **UNREAD),
    token("empty", on_token(lambda _: b""), **UNREAD),
    token("rejected by the authority", on_token(rejected), **UNREAD),
    token("of indefinite length", on_token(indefinite), **OK),
    token("of more than 1 MiB", large_token, **INVALID),
    Case(
        name="token: over SHA-1",
        stamp=recorded(9, algorithm="sha1"),
        code="token-weak-hash",
        place=NINE,
    ),
    token(
        "without its checkpoint",
        alone,
        code="token-without-checkpoint",
        place=CHECKPOINTS + "000000000005.tsr",
    ),
    token("seal of the whole bundle", sealed, **OK),
    token(
        "seal of another bundle", sealed_before_a_change, code="token-invalid", place=f"{SEAL}.tsr"
    ),
    token("seal broken", sealed_twice_broken, verdict="PARTIAL", unchecked=("token-unreadable",)),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_tampering_is_found_for_its_reason(
    exported: Path, tmp_path: Path, authority: Authority, case: Case
) -> None:
    problem = prepare(case, exported, tmp_path, lambda: authority).misjudged()
    assert not problem, problem
