"""The smallest obligation file that is sound, and what is read of it or said about it."""

import pytest

from bot.content.obligations import parse_obligations
from bot.content.yaml_source import ContentError, parse_yaml
from bot.domain.obligations import Obligation

MINIMAL = """\
title: Freedonia
obligations:
  - id: FD-IND
    jurisdiction: FD
    regime: Freedonia breach law
    citation: Act 7
    recipient: {kind: individuals, name: Residents}
    duty: Notify.
    trigger: {events: [discovery], words: discovery}
    period: {number: 30, unit: calendar_days}
    zone: {name: Europe/Paris, rule: Capital.}
    counting: 30 calendar days.
    applies_if: {residents: FD, at_least: 1}
    role: legal
    effective_from: 2026-01-01
    source: Gazette
    confidence: medium
    verified_on: 2026-11-21
"""


APPLIES = "applies_if: {residents: FD, at_least: 1}"


def parse(text: str) -> list[Obligation]:
    return parse_obligations(parse_yaml(text.encode(), file="fd.yaml"))


def problems(text: str) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse(text)
    return str(caught.value).splitlines()
