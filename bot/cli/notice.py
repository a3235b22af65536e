"""`tocsin notice render`: a notice as PDF from a file of facts, without an incident or a server.

Decides how a facts file is read and what the command says about gaps. What comes out is always
marked DRAFT: only a notice that was approved in an incident loses that mark.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.terminal import settings_from_environment
from bot.clock import utc_now
from bot.content.notices import load_notice_templates
from bot.content.roots import ContentRootError, find_roots
from bot.content.yaml_source import ContentError, ContentProblem, LoadedYaml, load_yaml, suggest
from bot.domain.fact_dictionary import FACT_TYPES
from bot.domain.fact_types import FactKind
from bot.domain.facts import (
    Confidence,
    Fact,
    FactError,
    FactKey,
    FactValue,
    from_json,
    parse_key,
)
from bot.domain.notices import NoticeTemplate

REFERENCE = "NOT-FILED"
"""Stands where a notice of an incident has its reference."""

_PARTS = ("value", "confidence", "source", "as_of")


def add_parser(subparsers: Any) -> None:
    """Add `notice render` to the command line."""
    notice = subparsers.add_parser("notice", help="draft notices from facts")
    commands = notice.add_subparsers(dest="notice_command", required=True)
    render = commands.add_parser(
        "render",
        help="make the draft PDF of a notice from a file of facts",
        description="Makes the draft PDF of a notice. FILE is YAML or JSON: `fact: value`, or "
        "`fact: {value, confidence, source, as_of}`, and for counts by place "
        "`residents: {US-CA: 1200}`. Missing facts are marked in the PDF and listed.",
    )
    render.add_argument("--template", required=True, metavar="ID", help="such as us_ca_individual")
    render.add_argument("--facts", required=True, metavar="FILE", type=Path)
    render.add_argument("--out", required=True, metavar="FILE.pdf", type=Path)
    render.add_argument("--strict", action="store_true", help="exit with 1 if facts are missing")
    render.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Render the notice. Exit 0 done, 1 facts missing with --strict, 2 unusable input."""
    # The renderer takes half a second to load, which no other command should pay.
    from bot.documents.html import NoticeRenderError
    from bot.documents.pdf import DocumentError

    try:
        return _render(args)
    except ContentError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)  # noqa: T201 - the command's own output
    except (ContentRootError, NoticeRenderError, DocumentError, OSError) as error:
        print(f"tocsin notice render: {error}", file=sys.stderr)  # noqa: T201
    return 2


def _render(args: argparse.Namespace) -> int:
    from bot.documents.html import render_notice
    from bot.documents.marks import DRAFT
    from bot.documents.notice_pdf import notice_pdf

    root = find_roots(settings_from_environment().policy_dir).notification_templates
    template = _choose(load_notice_templates(root), args.template)
    if template is None:
        return 2
    now = utc_now()
    rendered = render_notice(
        template,
        read_facts(load_yaml(args.facts), now=now),
        marking=DRAFT,
        notice_ref=REFERENCE,
        version=1,
        now=now,
    )
    pdf = notice_pdf(rendered, assets=root / "base")
    write_atomically(args.out, pdf)
    print(f"{args.out}: {template.title}, marked DRAFT")  # noqa: T201
    if rendered.gaps:
        print(  # noqa: T201
            f"warning: {len(rendered.gaps)} facts are missing and marked in the text; "
            f"with them missing this notice can't be approved:",
            file=sys.stderr,
        )
        for gap in rendered.gaps:
            print(f"  {gap.fact}: {gap.label} ({gap.where})", file=sys.stderr)  # noqa: T201
    return 1 if rendered.gaps and args.strict else 0


def _choose(templates: Mapping[str, NoticeTemplate], wanted: str) -> NoticeTemplate | None:
    if wanted in templates:
        return templates[wanted]
    print(  # noqa: T201
        f"tocsin notice render: there is no template '{wanted}'; {suggest(wanted, templates)}",
        file=sys.stderr,
    )
    return None


def read_facts(loaded: LoadedYaml, *, now: datetime) -> dict[str, Fact]:
    """Read a facts file; a fact without its own `as_of` or `source` has `now` and the file.

    Raises:
        ContentError: with every fact that doesn't exist or whose value doesn't fit, and its line.
    """
    if not isinstance(loaded.data, dict):
        remedy = "write one fact a line, as fact: value"
        raise ContentError([loaded.problem((), "the file isn't a mapping of facts", remedy)])
    facts: dict[str, Fact] = {}
    problems: list[ContentProblem] = []
    for name, entry in loaded.data.items():
        for key, path, value in _spread(name, entry):
            try:
                facts[key] = _read_fact(key, value, now=now, source=loaded.file)
            except FactError as error:
                known = name.partition(":")[0] in FACT_TYPES
                remedy = "see docs/facts.md" if known else _nearest(name)
                problem = str(error).rstrip(".") if known else f"there is no fact '{name}'"
                problems.append(loaded.problem(path, problem, remedy, key=not known))
    if problems:
        raise ContentError(problems)
    return facts


def _nearest(name: str) -> str:
    near = suggest(name, FACT_TYPES)
    return near if near.startswith("did") else "see docs/facts.md for the facts there are"


def _spread(name: str, entry: Any) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """Yield key, place in the file and entry: `residents: {DE: 9}` is the fact `residents:DE`."""
    found = FACT_TYPES.get(name)
    if found is None or not found.per_jurisdiction or not isinstance(entry, dict):
        yield name, (name,), entry
        return
    for place, count in entry.items():
        yield f"{name}:{place}", (name, place), count


def _read_fact(text: str, entry: Any, *, now: datetime, source: str) -> Fact:
    key = parse_key(text)
    given: dict[str, Any] = entry if isinstance(entry, dict) else {"value": entry}
    wrong = [part for part in given if part not in _PARTS]
    if wrong or "value" not in given:
        raise FactError(f"{key} has {', '.join(wrong) or 'no value'}: write {', '.join(_PARTS)}.")
    if given["value"] in {"unknown", "?"} if isinstance(given["value"], str) else False:
        given = {**given, "value": None}
    default = Confidence.UNKNOWN if given["value"] is None else Confidence.CONFIRMED
    try:
        confidence = Confidence(given.get("confidence", default))
        as_of = datetime.fromisoformat(given["as_of"]) if "as_of" in given else now
    except (ValueError, TypeError) as error:
        raise FactError(
            f"{key}: {error}; confidence is confirmed, estimated or unknown, and as_of a time "
            f"such as 2026-03-02T09:00:00Z."
        ) from error
    if as_of.tzinfo is None:
        raise FactError(f"{key}: as_of needs a time zone: write 2026-03-02T09:00:00Z.")
    return Fact(
        key=key,
        value=_read_value(key, given["value"]),
        confidence=confidence,
        source=str(given.get("source", source)),
        as_of=as_of,
    )


def _read_value(key: FactKey, stored: Any) -> FactValue:
    """Read a value; a file has no reader's zone, so that a time in it must name its own."""
    if FACT_TYPES[key.name].kind is FactKind.INSTANT and isinstance(stored, str):
        try:
            moment = datetime.fromisoformat(stored)
        except ValueError as error:
            raise FactError(
                f"“{stored}” isn't a time for {key}: write 2026-03-02T09:00:00Z."
            ) from error
        if moment.tzinfo is None:
            raise FactError(f"{key} needs a time zone: write {stored}Z, or {stored}+01:00.")
    return from_json(key, stored)


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; an existing file is replaced, as with any renderer."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
