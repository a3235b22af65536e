"""Every problem of sense that an obligation can have, with its exact place, words and remedy.

Form, conditions and the folder as a whole are `test_obligation_faults`'s.
"""

import pytest

from tests.content.obligation_file_kit import MINIMAL, parse, problems

EVENTS = "events: [discovery]"
TRIGGER = "trigger: {events: [discovery], words: discovery}"
PERIOD = "period: {number: 30, unit: calendar_days}"
ZONE = "zone: {name: Europe/Paris, rule: Capital.}"
DUTY = "duty: Notify."

CASES = [
    # what is replaced, by what, the line that is told
    (EVENTS, "events: [discovery, detecton], pick: latest",
     "9:35: there is no event 'detecton'; did you mean 'detection'?"),
    (EVENTS, "events: [discovery, detection]",
     ("9:14: several events, and nothing says which counts; "
     "add 'pick: earliest' or 'pick: latest'")),
    (EVENTS, "events: [discovery], of: [FD-B]",
     ("9:40: none of the events discovery comes from another duty; "
     "remove 'of', or name an event such as individual_notice")),
    (PERIOD, "period: {unit: hours}",
     "10:13: a period in hours needs a number; add 'number: …'"),
    (PERIOD, "period: {number: 30, unit: none}",
     "10:22: a number without a unit; remove the number, or say in which unit it counts"),
    (PERIOD, "period: {number: 30, unit: business_days}",
     "10:13: business days, and only they, need a calendar; add or remove 'calendar: sec'"),
    (PERIOD, "period: {number: 30, unit: calendar_days, calendar: US}",
     "10:13: business days, and only they, need a calendar; add or remove 'calendar: sec'"),
    (PERIOD, "period: {number: 30, unit: business_days, calendar: US-ZZ}",
     ("10:57: there is no calendar 'US-ZZ'; "
     "write sec, japan, target, EU, or an ISO 3166 code such as BR or US-IA")),
    (PERIOD, "period: {number: 30, unit: months, relation: not_later_than}",
     ("10:50: a limit by an event has no number of its own; "
     "write 'unit: none'; the event itself is the limit")),
    (PERIOD, "period: {number: 30, unit: hours, first_day: included}",
     "10:50: 'first_day' belongs to a period in days or longer; remove it"),
    (PERIOD, "period: {unit: none, from_year_end: true}",
     "10:41: 'from_year_end' belongs to a period in days or longer; remove it"),
    (PERIOD, PERIOD + "\n    limits: [{words: w, deadline_of: FD-B, trigger: "
     "{events: [awareness], words: w}}]",
     ("11:14: a limit is either a trigger with a period, or the deadline of another duty; "
     "give 'trigger' and 'period', or 'deadline_of'")),
    (PERIOD, PERIOD + "\n    limits: [{words: w}]",
     ("11:14: a limit is either a trigger with a period, or the deadline of another duty; "
     "give 'trigger' and 'period', or 'deadline_of'")),
    (PERIOD, PERIOD + "\n    limits: [{words: w, trigger: {events: [awarness], words: w}, "
     "period: {number: 3, unit: hours}}]",
     "11:44: there is no event 'awarness'; did you mean 'awareness'?"),
    (PERIOD, PERIOD + "\n    limits: [{words: w, trigger: {events: [awareness], words: w}, "
     "period: {unit: hours}}]",
     "11:75: a period in hours needs a number; add 'number: …'"),
    (PERIOD, "period: {number: 3, unit: hours}\n    cutoff_local: '17:30'",
     "11:19: a cut-off time belongs to a period in days; remove it"),
    (PERIOD, "period: {unit: none}\n    extension: {number: 3, unit: months, condition: c}",
     "11:16: an extension needs a period with a number; remove it"),
    (PERIOD, PERIOD + "\n    extension: {number: 3, unit: business_days, condition: c}",
     ("11:34: an extension in business days needs a period with a calendar; "
     "write 'unit: calendar_days'")),
    (PERIOD, PERIOD + "\n    rollover: {calendar: DE-ZZ, words: w}",
     ("11:26: there is no calendar 'DE-ZZ'; "
     "write sec, japan, target, EU, or an ISO 3166 code such as BR or US-IA")),
    (PERIOD, PERIOD + "\n    tolling: {text: t, after: {number: 7, unit: business_days}}",
     "11:31: business days, and only they, need a calendar; add or remove 'calendar: sec'"),
    (ZONE, "zone: {name: Europe/Berne, rule: Capital.}",
     "11:18: there is no time zone 'Europe/Berne'; write one such as Europe/Berlin"),
    (ZONE, "zone: {name: Europe/Paris, rule: Capital., fact: material, prefixes: [Europe/]}",
     "11:54: there is no text 'material' in the fact dictionary; use one of: "),
    (ZONE, "zone: {name: Europe/Paris, rule: Capital., prefixes: [Europe/]}",
     ("11:11: 'fact' and 'prefixes' of a zone go together; "
     "add the other, such as prefixes: [Europe/]")),
    (DUTY, DUTY + "\n    type: duplicate",
     ("3:5: a duplicate, and only it, names the duty that runs instead; "
     "write 'type: duplicate' with 'duplicate_of: ID', or neither")),
    (DUTY, DUTY + "\n    duplicate_of: FD-B",
     ("3:5: a duplicate, and only it, names the duty that runs instead; "
     "write 'type: duplicate' with 'duplicate_of: ID', or neither")),
    ("    effective_from: 2026-01-01\n", "",
     ("3:5: a rule in force without effective_from; "
     "add the date, or a caveat that says why the effective date isn't known")),
    ("effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2025-12-31",
     "16:22: ends before effective_from; correct one of the dates"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), CASES, ids=[case[2][:80] for case in CASES])
def test_what_makes_no_sense_is_told_once_with_place_and_remedy(
    old: str, new: str, told: str
) -> None:
    assert MINIMAL.count(old) == 1
    (line,) = problems(MINIMAL.replace(old, new))
    exact = told if told.endswith("use one of: ") else f"{told}\n"
    assert f"{line}\n".startswith(f"fd.yaml:{exact}")


SOUND = [
    (PERIOD, "period: {unit: none, relation: before}"),
    (PERIOD, "period: {number: 3, unit: business_days, calendar: EU}"),
    (PERIOD, "period: {number: 30, unit: calendar_days, first_day: included, from_year_end: true}"),
    (PERIOD, ("period: {number: 3, unit: business_days, calendar: US}\n"
     "    extension: {number: 3, unit: business_days, condition: c}")),
    (EVENTS, "events: [individual_notice], of: [FD-B]"),
    (EVENTS, "events: [discovery, detection], pick: latest"),
    ("    effective_from: 2026-01-01\n", "    disabled: not in force\n"),
    ("    effective_from: 2026-01-01\n", "    type: signpost\n"),
    ("    effective_from: 2026-01-01\n", "    caveats: [The effective date isn't known.]\n"),
    ("    effective_from: 2026-01-01\n", "    type: duplicate\n    duplicate_of: FD-B\n"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SOUND, ids=[case[1].strip()[:60] for case in SOUND])
def test_what_makes_sense_is_taken(old: str, new: str) -> None:
    assert MINIMAL.count(old) == 1
    assert len(parse(MINIMAL.replace(old, new))) == 1
