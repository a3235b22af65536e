"""A small sound scenario, and what the loader says of it once something in it is replaced."""

from functools import cache
from pathlib import Path

from bot.content.playbooks import load_playbooks
from bot.content.scenario_lint import scenario_problems
from bot.content.yaml_source import parse_yaml, validate_as
from bot.domain.playbook import Playbook

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "playbooks" / "exercises"
TEMPLATES = ("holding_statement", "gdpr_art33_authority")

SMALL = """\
id: small
version: 1
title: A small one
language: en
kind: drill
summary: Somebody loses something.
organisation: Exampla Ltd (fictional)
playbook: lost_device
severity: SEV3
span: PT10H
play: PT1H
roles: [commander, legal, comms]
variables:
  people: {from: 10, to: 20}
  town: {one_of: [Alpha, Beta]}
objectives:
  - {id: O1, text: Establish the facts, capability: detection}
  - {id: O2, text: Decide, capability: decision}
injects:
  - id: I1
    at: PT0M
    channel: call
    from: M. Okafor of {{ town }}
    to: [commander]
    title: Gone
    text: It is gone, with {{ people }} people in it.
    expects:
      - id: E1
        objective: O1
        text: Record when we became aware
        by: commander
        match: {event: [fact.recorded, fact.corrected], where: {key: aware_at}}
        target: PT4M
        limit: PT8M
        critical: true
  - id: I2
    after: {inject: I1, delay: PT2H}
    when: {met: E1}
    channel: mail
    from: Finder
    to: [legal]
    title: Do we pay?
    text: I found it. What is it worth to you?
    decision: D1
    attachments:
      - template: mail
        name: offer
        values: {from: finder@mail.example, to: us@exampla.example, subject: Offer, body: Pay.}
    expects:
      - id: E2
        objective: O2
        text: Decide, with a reason
        by: legal
        target: PT2H
        limit: PT4H
        clock: exercise
        critical: true
  - id: I3
    at: PT6H
    when: {all: [{decision: {id: D1, is: [pay]}}, {none: [{missed: E1}]}]}
    channel: press
    from: Courier
    to: [comms]
    title: You paid
    text: Is it true?
  - id: I4
    reserve: true
    channel: note
    from: Facilitator
    to: [comms]
    title: A hint
    text: Look at the plan.
decisions:
  - id: D1
    question: Do we pay?
    owner: legal
    options: [{id: pay, text: We pay}, {id: refuse, text: We don't}]
lessons:
  - {category: First hour, questions: [Who knew?]}
cases:
  - {title: A case, what: Happened., source: "https://www.hhs.gov/news", checked: not_checked}
notes: Don't help.
"""


@cache
def playbooks() -> dict[str, Playbook]:
    return load_playbooks(ROOT / "playbooks" / "incidents")


def changed(*pairs: str) -> str:
    """Replace in the small scenario, pair by pair; each text must stand there once."""
    text = SMALL
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def problems(text: str, *, file: str = "small.yaml") -> list[str]:
    loaded = parse_yaml(text.encode(), file=file)
    found = validate_as("scenario", loaded) or scenario_problems(
        loaded, playbooks=playbooks(), templates=TEMPLATES
    )
    return [str(one) for one in found]
