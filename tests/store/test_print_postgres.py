"""A print run on PostgreSQL: its letters, the printer's list, and its list erased in two runs."""

import pytest

from bot.domain.incident import IncidentError
from bot.services.notices import draft_notice, withdraw_notice
from bot.services.print_erasure import ask_erasure, erase_list
from bot.services.print_papers import part_pack
from bot.services.printer_list import compare_with_printer, record_comparison
from bot.store.unit_of_work import Store, reading, unit_of_work
from tests.conftest import T0, MovingClock
from tests.kit import CHRIS, LENA, Case, opened, who
from tests.services.print_kit import (
    LETTER,
    approve_letter,
    begin,
    bring,
    letters,
    list_a_run,
    make,
    number_of_letter,
    people,
    prove,
    release_letter,
    the_incident,
    the_run,
)

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def ready(postgres_store: Store, clock: MovingClock) -> Case:
    """An incident whose letter to people is approved and released."""
    with unit_of_work(postgres_store, now=T0) as tx:
        ref = opened(tx).ref
    case = Case(store=postgres_store, clock=clock, ref=ref)
    release_letter(case)
    return case


def erased(case: Case, number: int) -> None:
    with case.work() as (tx, incident):
        ask_erasure(tx, incident, number, reason="all is posted", actor=who(tx, CHRIS))
    with case.work() as (tx, incident):
        erase_list(tx, incident, number, reason="no claim", actor=who(tx, LENA))


def test_a_run_from_its_list_to_its_erasure(ready: Case) -> None:
    bring(ready, people(3))
    prove(ready)
    begin(ready)
    run = make(ready)
    assert (run.state, run.problem) == ("done", "")
    assert [one.row for one in letters(ready)] == [2, 3, 4]
    assert part_pack(ready.store, the_incident(ready), run, 1).letters == 3
    content = "row,sha256\n" + "".join(f"{one.row},{one.pdf_sha256}\n" for one in letters(ready))
    with reading(ready.store) as session:
        found = compare_with_printer(session, run, content.encode())
    with ready.work() as (tx, incident):
        record_comparison(tx, incident, 1, found, actor=who(tx, CHRIS))
    assert the_run(ready).summary["compared"]["agrees"] is True
    erased(ready, 1)
    assert ready.store.artifacts.erased(run.recipients_sha256)
    assert {one.row_sha256 for one in letters(ready)} == {""}
    with pytest.raises(IncidentError, match="is erased"):
        part_pack(ready.store, the_incident(ready), the_run(ready), 1)


def test_a_list_of_two_runs_goes_with_the_second(ready: Case) -> None:
    list_a_run(ready, people(12))
    with ready.work() as (tx, incident):
        first = number_of_letter(ready)
        withdraw_notice(tx, incident, first, reason="too long", actor=who(tx, LENA))
        second = draft_notice(tx, incident, LETTER, actor=who(tx, CHRIS)).number
    approve_letter(ready, second)
    list_a_run(ready, people(12), notice=second)
    sha256 = the_run(ready).summary["letters"]["sha256"]
    erased(ready, 1)
    assert ready.log()[-1].data["kept"] == ["recipients", "letters"]
    assert ready.store.artifacts.has(sha256)
    erased(ready, 2)
    assert ready.store.artifacts.erased(sha256)
