"""The custody forms that lie in a bundle: one for each item, as its page prints it."""

from zoneinfo import ZoneInfo

from bot.documents.custody_form import render_custody
from bot.services.custody_file import item_file
from bot.services.evidence_export import Exporting
from bot.services.log_head import head_of
from bot.store.queries import evidence_items
from bot.store.tables import Incident
from bot.store.unit_of_work import origin_of
from bot.web.pages.evidence_view import custody_paper


def custody_forms(
    work: Exporting, incident: Incident, *, by: str, zone: ZoneInfo
) -> dict[str, bytes]:
    """Return the forms by their names in the bundle; they hold names and titles.

    Times are in `zone` and UTC; `by` says who made them.
    """
    rules = work.store.rules
    # The fonts lie beside the notices.
    assets = next(iter(rules.notices.values())).folder.parent / "base"
    head = head_of(work.session, work.store, incident)
    forms: dict[str, bytes] = {}
    for item in evidence_items(work.session, incident):
        file = item_file(work.session, work.store, incident, item.number)
        paper = file and custody_paper(
            file,
            ref=incident.ref,
            organisation=str(rules.organisation.get("organisation_name", "")),
            origin=origin_of(work.store, incident.ref),
            head=head,
            by=by,
            now=work.now,
            zone=zone,
        )
        if paper:
            forms[f"custody-form-E{item.number}.pdf"] = render_custody(paper, assets=assets)
    return forms
