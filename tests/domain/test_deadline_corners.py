"""Deadlines of our own making, like the worked examples: each counted by hand, with the reason.

Every row is tried one second before its deadline, at it, and one second after. Times are those of
the wall in the zone that is named; a deadline without a time is the end of that day, 23:59:59.
"""

from collections.abc import Mapping
from datetime import date, datetime

import pytest
from obligation_kit import APPLIES, SECOND, clock_of, counted, local

from bot.domain.clocks import ClockState
from bot.domain.events import EVENTS, Instant
from bot.domain.obligations import Obligation

BERLIN, BRUSSELS, LONDON = "Europe/Berlin", "Europe/Brussels", "Europe/London"
NEW_YORK, CHICAGO, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
TOKYO, SYDNEY, BRAZIL = "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo"

HOURS = [
    # id, event, zone of the event, at, zone of the deadline, due, why
    ("EU-GDPR-33-SA", "awareness", BERLIN, "2026-03-27 12:00", BERLIN, "2026-03-30 13:00",
     "72 h over the change to summer time on 29 March: the wall clock gains an hour"),
    ("EU-GDPR-33-SA", "awareness", BERLIN, "2028-02-27 10:00", BERLIN, "2028-03-01 10:00",
     "27 Feb, 28, 29, 1 March: the leap day is one of the three"),
    ("EU-GDPR-33-SA", "awareness", BERLIN, "2026-03-02 10:07", BERLIN, "2026-03-05 10:07",
     "to the minute; the full hour is only the lenient reading"),
    ("GB-UKGDPR-33", "awareness", LONDON, "2026-12-24 17:45", LONDON, "2026-12-27 17:45",
     "Christmas Day, Boxing Day and a Sunday count like any day"),
    ("GB-UKGDPR-33", "awareness", LONDON, "2026-03-28 01:30", LONDON, "2026-03-31 02:30",
     "British Summer Time from 29 March"),
    ("US-NY-DFS-500-17", "determination", NEW_YORK, "2026-10-30 12:00", NEW_YORK,
     "2026-11-02 11:00", "72 h over the end of daylight saving on 1 November"),
    ("US-GA-VENDOR", "discovery", NEW_YORK, "2026-03-07 20:00", NEW_YORK, "2026-03-08 21:00",
     "24 h over the night of 8 March, which has 23"),
    ("AU-SOCI-12H", "awareness", SYDNEY, "2026-04-04 20:00", SYDNEY, "2026-04-05 07:00",
     "Sydney turns back at 3:00 on 5 April: 7 h to 3:00, one more hour, then 4"),
    ("NZ-PA-OPC-GUIDE72", "awareness", "Pacific/Auckland", "2026-04-03 12:00", "Pacific/Auckland",
     "2026-04-06 11:00", "Auckland turns back on 5 April; Easter counts"),
    ("IN-CERTIN-6H", "awareness", "Asia/Kolkata", "2026-11-20 22:30", "Asia/Kolkata",
     "2026-11-21 04:30", "six hours over midnight, in a zone of half hours"),
    ("CN-CAC-CII-1H", "discovery", "Asia/Shanghai", "2026-12-31 23:30", "Asia/Shanghai",
     "2027-01-01 00:30", "one hour over the turn of the year"),
    ("ID-PDP", "failure_of_protection", "Asia/Jakarta", "2026-02-27 08:00", "Asia/Jakarta",
     "2026-03-02 08:00", "3 x 24 h at the end of February"),
]  # fmt: skip

DAYS = [
    ("US-HIPAA-IND", "discovery", NEW_YORK, "2028-01-01 12:00", NEW_YORK, "2028-03-01",
     "30 days to 31 January, 29 to the leap day: 1 March is the 60th"),
    ("US-HIPAA-HHS-LT500", "discovery", NEW_YORK, "2027-06-01 12:00", NEW_YORK, "2028-02-29",
     "60 days after 31 December 2027: 31 in January, 29 in the February of a leap year"),
    ("US-HIPAA-HHS-LT500", "discovery", NEW_YORK, "2028-02-29 12:00", NEW_YORK, "2029-03-01",
     "found on a leap day; the year after is a common one"),
    ("US-HIPAA-HHS-LT500", "discovery", "UTC", "2027-01-01 04:30", NEW_YORK, "2027-03-01",
     "still 31 December 2026 in Washington"),
    ("US-HBNR-FTC-LT500", "discovery", NEW_YORK, "2027-12-31 23:00", NEW_YORK, "2028-02-29",
     "the FTC's yearly log, on the year's last evening"),
    ("US-CA-IND", "discovery", PACIFIC, "2028-01-30 10:00", PACIFIC, "2028-02-29",
     "ends on the leap day"),
    ("US-CA-IND", "discovery", PACIFIC, "2026-12-15 10:00", PACIFIC, "2027-01-14", "over the year"),
    ("US-CA-IND", "discovery", PACIFIC, "2026-02-20 10:00", PACIFIC, "2026-03-22",
     "daylight saving begins within; a Sunday"),
    ("US-CA-IND", "discovery", "UTC", "2026-03-02 07:30", PACIFIC, "2026-03-31",
     "still 1 March in California"),
    ("US-CA-IND", "discovery", "UTC", "2026-03-02 08:30", PACIFIC, "2026-04-01",
     "2 March there too"),
    ("US-CA-IND", "discovery", PACIFIC, "2026-03-02 00:00", PACIFIC, "2026-04-01", "first minute"),
    ("US-CA-IND", "discovery", PACIFIC, "2026-03-02 23:59:59", PACIFIC, "2026-04-01",
     "last second"),
    ("US-CA-AG", "individual_notice", PACIFIC, "2026-03-06 09:00", PACIFIC, "2026-03-21",
     "15 days after the letters; a Saturday, and stays there"),
    ("US-NY-IND", "discovery", NEW_YORK, "2026-11-26 09:00", NEW_YORK, "2026-12-26",
     "found on Thanksgiving"),
    ("US-NY-AG", "discovery", NEW_YORK, "2026-10-05 23:30", NEW_YORK, "2026-11-04",
     "days know no daylight saving"),
    ("US-TX-IND", "determination", CHICAGO, "2027-12-31 12:00", CHICAGO, "2028-02-29", "60 days"),
    ("US-TX-IND", "determination", CHICAGO, "2026-07-31 12:00", CHICAGO, "2026-09-29", "60 days"),
    ("US-FL-IND", "determination", NEW_YORK, "2026-12-02 12:00", NEW_YORK, "2027-01-01",
     "ends on New Year's Day"),
    ("US-AZ-IND", "determination", "UTC", "2026-03-02 06:30", "America/Phoenix", "2026-04-15",
     "1 March in Arizona, which has no daylight saving"),
    ("US-HI-GOV", "discovery", "UTC", "2026-03-02 09:30", "Pacific/Honolulu", "2026-03-21",
     "1 March, 23:30 in Honolulu; 20 days"),
    ("AU-NDB-ASSESS", "suspicion", "UTC", "2026-03-01 13:30", SYDNEY, "2026-04-01",
     "already 2 March in Sydney; 30 days"),
    ("US-PR-DACO", "detection", "America/Puerto_Rico", "2026-11-20 23:59", "America/Puerto_Rico",
     "2026-11-30", "10 days, Thanksgiving included"),
    ("US-LA-AG", "individual_notice", CHICAGO, "2026-11-20 16:00", CHICAGO, "2026-11-30",
     "received within 10 days of the letters"),
    ("US-OK-AG", "individual_notice", CHICAGO, "2026-12-31 10:00", CHICAGO, "2027-03-01",
     "31 days of January, 28 of February, 1 March is the 60th"),
    ("MY-PDPA-IND", "regulator_notice", "Asia/Kuala_Lumpur", "2026-02-26 10:00",
     "Asia/Kuala_Lumpur", "2026-03-05", "7 days after the Commissioner was told"),
    ("SG-PDPA-PDPC", "assessment", "Asia/Singapore", "2026-02-26 00:00", "Asia/Singapore",
     "2026-03-01", "the day of the assessment isn't counted, even its first minute"),
]  # fmt: skip

MONTHS = [
    ("EU-NIS2-FINAL", "initial_notification", BRUSSELS, "2028-01-31 09:00", BRUSSELS, "2028-02-29",
     "no 31 February: its last day, a leap day"),
    ("EU-NIS2-FINAL", "initial_notification", BRUSSELS, "2026-08-31 09:00", BRUSSELS, "2026-09-30",
     "no 31 September"),
    ("EU-NIS2-FINAL", "initial_notification", BRUSSELS, "2026-02-28 09:00", BRUSSELS, "2026-03-28",
     "the same date, not the end of the month"),
    ("EU-NIS2-FINAL", "initial_notification", BRUSSELS, "2026-12-31 09:00", BRUSSELS, "2027-01-31",
     "over the year"),
    ("EU-CRA-INC-FINAL", "initial_notification", BRUSSELS, "2026-11-30 09:00", BRUSSELS,
     "2026-12-30", "the same date"),
    ("EU-CER-1M", "awareness", BRUSSELS, "2026-05-31 09:00", BRUSSELS, "2026-06-30",
     "no 31 June"),
    ("EU-DORA-FINAL", "intermediate_report", BRUSSELS, "2026-10-31 09:00", BRUSSELS, "2026-11-30",
     "no 31 November"),
    ("EU-DORA-FINAL", "intermediate_report", BRUSSELS, "2026-10-15 09:00", BRUSSELS,
     "2026-11-16 12:00", "a Sunday moves to Monday noon, for everybody: Art. 5(4)"),
]  # fmt: skip

BUSINESS_DAYS = [
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-03-02 09:00", NEW_YORK,
     "2026-03-06 17:30", "Monday to Friday"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-03-02 18:00", NEW_YORK,
     "2026-03-06 17:30", "after EDGAR closed it is still that Monday"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-11-22 12:00", NEW_YORK,
     "2026-11-27 17:30", "a Sunday: 23, 24, 25, [26 Thanksgiving], 27"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-11-25 12:00", NEW_YORK,
     "2026-12-02 17:30", "[26], 27, 30, 1, 2: the day after Thanksgiving is open"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-11-26 12:00", NEW_YORK,
     "2026-12-02 17:30", "on the holiday itself: 27 begins and is counted"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-03-31 12:00", NEW_YORK,
     "2026-04-06 17:30", "Good Friday (3 April) closes the exchange, not the Commission"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-10-08 12:00", NEW_YORK,
     "2026-10-15 17:30", "9, [12 Columbus Day], 13, 14, 15"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-11-06 12:00", NEW_YORK,
     "2026-11-13 17:30", "9, 10, [11 Veterans Day], 12, 13"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2026-07-01 12:00", NEW_YORK,
     "2026-07-08 17:30", "2, [3: the 4th is a Saturday], 6, 7, 8"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2027-12-29 12:00", NEW_YORK,
     "2028-01-05 17:30", "30, [31: 1 January 2028 is a Saturday], 3, 4, 5"),
    ("US-SEC-8K-105", "materiality_determination", NEW_YORK, "2027-06-14 12:00", NEW_YORK,
     "2027-06-21 17:30", "15, 16, 17, [18: Juneteenth is a Saturday], 21"),
    ("US-SEC-8K-105", "materiality_determination", "UTC", "2026-03-10 02:00", NEW_YORK,
     "2026-03-13 17:30", "still Monday in New York"),
    ("US-SEC-8KA-105", "information_available", NEW_YORK, "2026-07-02 09:00", NEW_YORK,
     "2026-07-09 17:30", "[3], 6, 7, 8, 9"),
    ("US-IA-AG", "individual_notice", CHICAGO, "2026-11-23 10:00", CHICAGO, "2026-12-01",
     "24, 25, [26 Thanksgiving], 27, 30, 1"),
    ("US-IA-AG", "individual_notice", CHICAGO, "2026-12-19 10:00", CHICAGO, "2026-12-28",
     "letters on a Saturday: 21, 22, 23, 24, [25], 28"),
    ("US-VT-AG-PRELIM", "discovery", NEW_YORK, "2026-06-15 10:00", NEW_YORK, "2026-07-07",
     "16-18, [19 Juneteenth], 22-26, 29-2, [3], 6 is the 13th, 7 the 14th"),
    ("US-IL-AG-HIPAA", "hhs_notification", CHICAGO, "2026-11-25 10:00", CHICAGO, "2026-12-03",
     "[26], 27, 30, 1, 2, 3"),
    ("US-FCC-CPNI-LE", "determination", NEW_YORK, "2026-10-09 10:00", NEW_YORK, "2026-10-21",
     "[12 Columbus Day], 13-16, 19, 20, 21 is the 7th"),
    ("US-PA-IND-GOV", "determination", NEW_YORK, "2026-12-17 10:00", NEW_YORK, "2026-12-29",
     "18, 21-24, [25], 28, 29"),
    ("AU-CPS234-10BD", "awareness", SYDNEY, "2026-01-19 10:00", SYDNEY, "2026-02-03",
     "20-23, [26 Australia Day], 27-30, 2 is the 9th, 3 the 10th"),
    ("BR-LGPD-ANPD", "awareness", BRAZIL, "2026-02-11 10:00", BRAZIL, "2026-02-16",
     "12, 13, 16: Carnival Monday isn't a national holiday"),
    ("BR-LGPD-ANPD", "awareness", BRAZIL, "2026-04-01 10:00", BRAZIL, "2026-04-07",
     "2, [3 Good Friday], 6, 7"),
    ("BR-LGPD-ANPD", "awareness", BRAZIL, "2026-04-16 10:00", BRAZIL, "2026-04-22",
     "17, 20, [21 Tiradentes], 22"),
    ("BR-LGPD-IND", "awareness", BRAZIL, "2026-11-18 10:00", BRAZIL, "2026-11-24",
     "19, [20 Black Consciousness Day], 23, 24"),
    ("BR-LGPD-SUPP", "initial_notification", BRAZIL, "2026-12-01 10:00", BRAZIL, "2026-12-30",
     "2-4, 7-11, 14-18, 21-24 is 17, [25], 28, 29, 30"),
]  # fmt: skip

JAPAN = [
    ("JP-APPI-PRELIM", "awareness", TOKYO, "2026-03-02 10:00", TOKYO, "2026-03-06",
     "the day of awareness is day 1 of 5"),
    ("JP-APPI-FINAL", "awareness", TOKYO, "2026-11-29 10:00", TOKYO, "2026-12-28",
     "day 2 is 30 November, day 30 is 28 December: still open"),
    ("JP-APPI-FINAL", "awareness", TOKYO, "2026-11-30 10:00", TOKYO, "2027-01-04",
     "day 30 is 29 December: closed to 3 January, a Sunday"),
    ("JP-APPI-FINAL", "awareness", TOKYO, "2027-12-05 10:00", TOKYO, "2028-01-04",
     "day 30 is Monday 3 January 2028, still closed"),
    ("JP-APPI-FINAL", "awareness", TOKYO, "2026-04-04 10:00", TOKYO, "2026-05-07",
     "day 30 is Sunday 3 May, a holiday; 4 and 5 May too, and 6 in the Sunday's stead"),
    ("JP-APPI-FINAL-60", "awareness", TOKYO, "2026-11-02 10:00", TOKYO, "2027-01-04",
     "day 60 is 31 December"),
    ("JP-APPI-FINAL", "awareness", "UTC", "2026-11-29 15:30", TOKYO, "2027-01-04",
     "already 30 November in Tokyo"),
]  # fmt: skip

CORNERS = [*HOURS, *DAYS, *MONTHS, *BUSINESS_DAYS, *JAPAN]


@pytest.mark.parametrize(
    ("obligation_id", "event", "zone", "at", "due_zone", "due", "why"),
    CORNERS,
    ids=[f"{row[0]} {row[3]}" for row in CORNERS],
)
def test_corner(
    *,
    obligation_id: str,
    event: str,
    zone: str,
    at: str,
    due_zone: str,
    due: str,
    why: str,
    pack: Mapping[str, Obligation],
) -> None:
    expected = local(due if ":" in due else f"{due} 23:59:59", due_zone)
    values = {EVENTS[event].fact: local(at, zone)}
    clocks = [
        clock_of(pack[obligation_id], values, now=expected + s * SECOND, rulings=APPLIES)
        for s in (-1, 0, 1)
    ]
    assert [clock.due_at for clock in clocks] == [expected] * 3, why
    assert [clock.state for clock in clocks] == [
        ClockState.RUNNING,
        ClockState.RUNNING,
        ClockState.MISSED,
    ]


DATE_LINE = [
    # zone, the instant, the day it is there, 30 days later
    ("Pacific/Guam", "2026-03-01 14:30", "2026-03-02", "2026-04-01"),
    ("Pacific/Auckland", "2026-03-01 11:30", "2026-03-02", "2026-04-01"),
    ("Pacific/Kiritimati", "2026-03-01 10:30", "2026-03-02", "2026-04-01"),
    ("Pacific/Chatham", "2026-03-01 10:30", "2026-03-02", "2026-04-01"),
    ("Pacific/Niue", "2026-03-02 10:30", "2026-03-01", "2026-03-31"),
    ("Pacific/Pago_Pago", "2026-03-02 10:30", "2026-03-01", "2026-03-31"),
]


@pytest.mark.parametrize(("zone", "at", "day", "due"), DATE_LINE, ids=[r[0] for r in DATE_LINE])
def test_days_are_those_of_the_recipient_on_either_side_of_the_date_line(
    zone: str, at: str, day: str, due: str, pack: Mapping[str, Obligation]
) -> None:
    duty = pack["US-CA-IND"]
    found = counted(duty, {"discovery": local(at, "UTC")}, zone=zone)
    assert found.due_at == local(f"{due} 23:59:59", zone)
    by_date = counted(duty, {"discovery": date.fromisoformat(day)}, zone=zone)
    assert by_date.due_at == found.due_at


LENIENT = [
    # id, event, at in Brussels, the strict deadline, the lenient one (empty: none), why
    ("EU-GDPR-33-SA", "awareness", "2026-03-02 10:07", "2026-03-05 10:07", "2026-03-05 11:00",
     "Art. 3(1): the hour of the event isn't counted"),
    ("EU-GDPR-33-SA", "awareness", "2026-03-02 10:00", "2026-03-05 10:00", "2026-03-05 11:00",
     "at the full hour that hour isn't counted either"),
    ("EU-CRA-VULN-24H", "vulnerability_awareness", "2026-12-24 23:59", "2026-12-25 23:59",
     "2026-12-26 00:00", "hours never move off a holiday"),
    ("EU-NIS2-FINAL", "initial_notification", "2026-01-31", "2026-02-28", "2026-03-02",
     "Art. 3(4): 28 February 2026 is a Saturday"),
    ("EU-NIS2-FINAL", "initial_notification", "2026-12-31", "2027-01-31", "2027-02-01", "Sunday"),
    ("EU-NIS2-FINAL", "initial_notification", "2026-08-31", "2026-09-30", "", "a Wednesday"),
    ("EU-CRA-VULN-FINAL", "corrective_measure_available", "2026-11-14", "2026-11-28", "2026-11-30",
     "14 days end on a Saturday"),
    ("EU-CRA-VULN-FINAL", "corrective_measure_available", "2026-10-28", "2026-11-11", "2026-11-12",
     "11 November is a holiday in Belgium"),
    ("EU-EPRIV-611-SECOND", "initial_notification", "2026-11-19", "2026-11-22", "2026-11-23",
     "Thursday: 20, 21, 22; Friday and Monday make two working days"),
    ("EU-EPRIV-611-SECOND", "initial_notification", "2026-11-20", "2026-11-23", "2026-11-24",
     "Art. 3(5): from Friday, Monday is only one working day; Tuesday is the second"),
    ("EU-EPRIV-611-SECOND", "initial_notification", "2026-11-16", "2026-11-19", "", "Thursday"),
    ("EU-DORA-INTER", "initial_notification", "2026-08-06 13:00", "2026-08-09 13:00",
     "2026-08-10 12:00", "a Sunday: noon of Monday (Del. Reg. (EU) 2025/301 Art. 5(4))"),
    ("EU-DORA-INTER", "initial_notification", "2026-11-08 13:00", "2026-11-11 13:00",
     "2026-11-12 12:00", "a bank holiday in Belgium"),
    ("EU-DORA-INTER", "initial_notification", "2026-08-04 13:00", "2026-08-07 13:00", "",
     "a Friday"),
]  # fmt: skip


def moment(text: str) -> Instant:
    return local(text, BRUSSELS) if ":" in text else date.fromisoformat(text)


def at_end(text: str) -> datetime | None:
    if not text:
        return None
    return local(text if ":" in text else f"{text} 23:59:59", BRUSSELS)


@pytest.mark.parametrize(
    ("obligation_id", "event", "at", "strict", "lenient", "why"),
    LENIENT,
    ids=[f"{row[0]} {row[2]}" for row in LENIENT],
)
def test_the_lenient_reading_stands_beside_the_strict_one(
    *,
    obligation_id: str,
    event: str,
    at: str,
    strict: str,
    lenient: str,
    why: str,
    pack: Mapping[str, Obligation],
) -> None:
    found = counted(pack[obligation_id], {event: moment(at)})
    assert found.due_at == at_end(strict), why
    assert found.lenient_due_at == at_end(lenient), why
    assert bool(found.lenient_words) == bool(lenient)


@pytest.mark.parametrize(
    ("zone", "due", "lenient", "why"),
    [
        (BERLIN, "2026-11-11 13:00", None, "11 November is a working day in Germany"),
        ("Europe/Paris", "2026-11-11 13:00", "2026-11-12 12:00", "and a holiday in France"),
        ("Europe/Athens", "2026-11-11 14:00", None, "nor in Greece"),
        ("Europe/Kiev", "2026-11-11 14:00", None, "no member state: the calendar of TARGET"),
    ],
)
def test_the_member_states_own_holidays_count(
    zone: str, due: str, lenient: str | None, why: str, pack: Mapping[str, Obligation]
) -> None:
    at = local("2026-11-08 13:00", BRUSSELS)
    found = counted(pack["EU-DORA-INTER"], {"initial_notification": at}, zone=zone)
    assert found.due_at == local(due, zone)
    assert found.lenient_due_at == (local(lenient, zone) if lenient else None), why
