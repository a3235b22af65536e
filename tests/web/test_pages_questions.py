"""The questions' form: asked once, fanned out, recorded in one go or not at all."""

from dataclasses import replace
from html import unescape

import pytest
from board_kit import board_of, breach, section, text_of
from pages_kit import Site, incident

from bot.domain.facts import FactError
from bot.store.queries import facts_of
from bot.store.unit_of_work import reading
from bot.web.pages.places_form import PlacesBlock, read_places
from tests.kit import CHRIS, FARID, LENA, entries_of, log_of

SURE = {"source": "Farid's report", "confidence": "confirmed"}


def counts(site: Site, ref: str) -> dict[str, object]:
    with reading(site.store) as session:
        facts = facts_of(session, incident(site, ref))
    return {
        key.partition(":")[2]: fact.value
        for key, fact in facts.items()
        if key.startswith("residents:")
    }


@pytest.mark.slow
def test_what_settles_most_is_asked_first(site: Site, ref: str) -> None:
    home = breach(site, ref)
    page = site.as_(LENA).get(f"{home}/questions").text
    told = text_of(page)
    assert "157 duties can’t be told yet" in told
    times = section(page, "h-times")
    assert "When did we determine that a breach occurred?" in times
    assert "starts 5 clocks" in times
    places = text_of(section(page, "h-places"))
    assert places.index("United States") < places.index("these other places")
    assert "Recorded already: US-CA 12,000, US-FL 1,500" in places
    # What is answered and open all the same is counsel's, and isn't asked again.
    assert "Which kinds of personal data?" in section(page, "h-counsel")
    assert 'name="value:data_elements"' not in page


@pytest.mark.slow
def test_one_answer_about_the_country_settles_fifty_states(site: Site, ref: str) -> None:
    home = breach(site, ref)
    before = board_of(site, ref)
    form = SURE | {"total:US": "20,650", "parts:US": "New Jersey: 450"}
    answer = site.as_(FARID).post(f"{home}/questions", form)
    assert answer.headers.get("location") == f"{home}/questions?done=answers", answer.text
    found = counts(site, ref)
    assert (found["US"], found["US-NJ"], found["US-CA"], found["US-AL"]) == (20650, 450, 12000, 0)
    after = board_of(site, ref)
    assert len(after.open_duties) < len(before.open_duties) - 100
    assert "US-NJ-IND" in {row.duty.key for row in after.rows}
    assert "US-AL-IND" in {one.duty.key for one in after.not_applying}
    page = site.as_(FARID).get(f"{home}/questions?done=answers").text
    assert "Recorded. Every duty was judged again" in page
    assert "how many residents of the United States" not in page.lower()


@pytest.mark.slow
def test_an_answer_moves_a_duty_and_starts_a_clock(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    rows = {row.duty.key: row for row in board_of(site, ref).rows}
    assert rows["US-TX-IND"].due_at is None
    assert "JP-APPI-FINAL-60" not in rows
    form = SURE | {"value:determined_at": "2026-11-21 11:00", "value:improper_purpose": "yes"}
    assert lena.post(f"{home}/questions", form).status_code == 303
    rows = {row.duty.key: row for row in board_of(site, ref).rows}
    assert rows["US-TX-IND"].due_at is not None
    assert "JP-APPI-FINAL-60" in rows
    recorded = [one for one in log_of(site.store, ref) if one.event == "fact.recorded"][-2:]
    assert {one.data["key"] for one in recorded} == {"determined_at", "improper_purpose"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "slot", "says"),
    [
        ({"value:determined_at": "soon"}, "q-determined_at", "isn't a time that is clear"),
        ({"value:determined_at": "2027-01-01 10:00"}, "q-determined_at", "future"),
        ({"parts:US": "Narnia 12"}, "q-residents-US", "isn't a place that we know"),
        ({"parts:US": "CA 12 TX"}, "q-residents-US", "can't be read"),
        ({"parts:US": "CA 12, CA 13"}, "q-residents-US", "listed twice"),
        ({"total:US": "many"}, "q-residents-US", "isn't a number of people"),
        ({"total:US": "10", "parts:US": "NJ 12"}, "q-residents-US", "add up to 20,212"),
        ({"total:US": "99999", "nobody:US": "yes"}, "q-residents-US", "only 20,200 of 99,999"),
        ({"parts:other": "DE 12, Atlantis 3"}, "q-residents", "isn't a place that we know"),
        ({"value:affected_total": "9"}, "q-affected_total", "That can't be"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_recorded(
    site: Site, still: tuple[str, str], *, form: dict[str, str], slot: str, says: str
) -> None:
    ref, home = still
    before = entries_of(site.store, ref)
    sound = {"value:improper_purpose": "yes", "parts:other": "NZ 40"}
    answer = site.as_(LENA).post(f"{home}/questions", SURE | sound | form)
    assert answer.status_code == 422
    page = unescape(answer.text)
    beside = page[page.index(f'id="{slot}"') :]
    beside = beside[: beside.index("</details>")]
    assert says in beside
    assert 'aria-invalid="true"' in beside
    # A contradiction is said at each of the answers that it is about.
    assert page.count('class="problem"') == page.count(says) <= 2
    for value in form.values():
        assert value == "yes" or value in beside
    assert '<option value="yes" selected>yes</option>' in page
    assert entries_of(site.store, ref) == before


@pytest.mark.slow
def test_without_a_source_or_without_an_answer_nothing_is_recorded(site: Site, ref: str) -> None:
    home = breach(site, ref)
    lena = site.as_(LENA)
    before = entries_of(site.store, ref)
    lacking = lena.post(f"{home}/questions", {"value:improper_purpose": "yes"})
    assert lacking.status_code == 422
    assert "Say how you know it" in lacking.text
    empty = lena.post(f"{home}/questions", SURE)
    assert empty.status_code == 422
    assert "Nothing is filled in" in empty.text
    strange = lena.post(f"{home}/questions", SURE | {"value:aware_at": "10:00", "total:XX": "3"})
    assert strange.status_code == 422
    assert lena.send(f"{home}/questions", SURE | {"total:US": "0"}).status_code == 403
    assert entries_of(site.store, ref) == before


@pytest.mark.slow
def test_nobody_elsewhere_is_recorded_as_nought(site: Site, ref: str) -> None:
    home = breach(site, ref)
    form = SURE | {"parts:other": "NZ 40\nKenya: 1'200", "nobody:other": "yes"}
    assert site.as_(CHRIS).post(f"{home}/questions", form).status_code == 303
    found = counts(site, ref)
    assert (found["NZ"], found["KE"], found["ZA"], found["DE"]) == (40, 1200, 0, 4200)
    assert "US-AL" not in found


US = PlacesBlock(
    country="US", question="", parts=("US-AL", "US-CA", "US-TX", "US-GU"), settles=3, known={}
)
OTHER = PlacesBlock(country="", question="", parts=("NZ", "KE"), settles=2, known={})


@pytest.mark.parametrize(
    ("block", "typed", "expected"),
    [
        (US, {"listed": "CA 1200, TX 300"}, {"US-CA": 1200, "US-TX": 300}),
        (US, {"listed": "US-CA: 1,200; texas = 300"}, {"US-CA": 1200, "US-TX": 300}),
        (US, {"listed": "ca 1.200\n\n tx 300,"}, {"US-CA": 1200, "US-TX": 300}),
        # Guam has a country code of its own; here it is the territory that laws name.
        (US, {"listed": "Guam 7"}, {"US-GU": 7}),
        (US, {"listed": "District of Columbia 5"}, {"US-DC": 5}),
        (US, {"total": "0"}, {"US": 0}),
        (US, {"total": "1 500"}, {"US": 1500}),
        (US, {"nobody_else": True}, {"US-AL": 0, "US-CA": 0, "US-TX": 0, "US-GU": 0}),
        (
            US,
            {"total": "5", "listed": "CA 5"},
            {"US-CA": 5, "US-AL": 0, "US-TX": 0, "US-GU": 0, "US": 5},
        ),
        # More people than are listed: the others stay open.
        (US, {"total": "9", "listed": "CA 5"}, {"US-CA": 5, "US": 9}),
        (OTHER, {"listed": "CA 5, Georgia (Caucasus) 2"}, {"CA": 5, "GE": 2}),
        (OTHER, {"listed": "Kenya 3", "nobody_else": True}, {"KE": 3, "NZ": 0}),
        (OTHER, {}, {}),
    ],
)
def test_places_are_read_as_people_write_them(
    block: PlacesBlock, typed: dict[str, object], expected: dict[str, int]
) -> None:
    read = read_places(replace(block, **typed))
    assert {key.subject: value for key, value in read.items()} == expected


@pytest.mark.parametrize("listed", ["12", "CA", "CA -5", "CA 5 6", "CA 1.5", "UK 5", "Bavaria 3"])
def test_what_could_mean_two_things_is_refused(listed: str) -> None:
    with pytest.raises(FactError):
        read_places(replace(OTHER, listed=listed))
