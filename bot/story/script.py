"""The script of the told breach: who does what, and when, in 72 hours.

A fictional insurer loses the claims of 2,050 people through a stolen service account. Every line
is something that a person types, presses or fills in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.store.queries import incident_by_ref, notices_of
from bot.store.unit_of_work import reading
from bot.story.papers import LOG_EXPORT
from bot.story.stage import Stage, StoryError

ANA, FARID, LENA, CHRIS, SAM = "U0ANA", "U0FARID", "U0LENA", "U0CHRIS", "U0SAM"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: hours after the start, in words, and how."""

    hours: float
    words: str
    act: Callable[[Stage], None]

    @property
    def after(self) -> timedelta:
        """Time since the start of the story."""
        return timedelta(hours=self.hours)


def open_incident(stage: Stage) -> None:
    """Ana opens the incident by the form, with everybody's role."""
    security = stage.place("security")
    ana = stage.person(ANA)
    ana.slash("/incident", "open Claims database copied", channel=security)
    sent = ana.submit(
        ana.wait_modal(title="Open incident"),
        values={
            "playbook": "data_breach",
            "severity": "SEV2",
            "summary": "A service account that nobody should use read the whole claims database.",
            "role_forensics": FARID,
            "role_legal": LENA,
            "role_comms": CHRIS,
        },
    )
    if sent.errors:
        raise StoryError(f"The form was refused: {sent.errors}")
    stage.settle()
    for channel in stage.pair.box.workspace.channels.values():
        if channel.name.startswith("inc-"):
            stage.channel = channel.id
            stage.ref = "-".join(channel.name.split("-")[:3]).upper()


def typed(slack_id: str, *commands: str) -> Callable[[Stage], None]:
    """Somebody types commands in the incident's channel."""

    def act(stage: Stage) -> None:
        for command in commands:
            stage.type(slack_id, command)

    return act


def sam_reports(stage: Stage) -> None:
    """Sam tells of a strange call, before anybody knows."""
    stage.person(SAM).post(
        stage.place("security"),
        "A customer called: somebody knows his claim number and asked for his bank details.",
    )


def preserve(stage: Stage) -> None:
    """Farid uploads the audit log and preserves the message with its file, then seals both."""
    farid = stage.person(FARID)
    farid.upload(
        stage.channel,
        "claims-db-audit-2026-11-19.log",
        LOG_EXPORT,
        comment="Audit log of the claims database, exported read-only, 06:00 to 09:00 UTC",
    )
    message = [one for one in stage.messages(FARID) if one.get("files")][-1]
    farid.message_shortcut("preserve_evidence", channel=stage.channel, ts=message["ts"])
    farid.wait_message(stage.channel, "Preserved as")
    stage.settle()
    stage.type(FARID, "evidence seal 1")
    stage.type(FARID, "evidence seal 2")


def record_in_form(stage: Stage) -> None:
    """Lena records the story in plain words, by the form."""
    lena = stage.person(LENA)
    lena.slash("/incident", "fact", channel=stage.channel)
    sent = lena.submit(
        lena.wait_modal(title="Record facts"),
        values={
            "what_happened": "An unknown person used a stolen service account to copy claim files "
            "from our claims database.",
            "risk_to_people": "high",
            "other": "how_discovered: An alert on unusual reading, and a call from a customer.\n"
            "subject_categories: policyholders and claimants\n"
            "record_categories: claim files with contact data and identification numbers\n"
            "likely_consequences: The data could be used for identity theft, or for calls and "
            "messages that pretend to come from us.\n"
            "measures_taken: We closed the account, changed every credential that it could reach, "
            "and watch for the copied data.\n"
            "measures_planned: An independent test of the claims system, and shorter lives for "
            "service accounts.\n"
            "advice_to_people: Be careful with calls and messages about your claim. Check your "
            "bank statements, and place a fraud alert with a credit bureau.",
            "source": "Farid's report of 20 November, read by counsel",
        },
    )
    if sent.errors:
        raise StoryError(f"The form was refused: {sent.errors}")


def notice_page(stage: Stage, template: str) -> str:
    """Return the page of the notice that was drafted from a template."""
    with reading(stage.pair.tocsin.store) as session:
        incident = incident_by_ref(session, stage.ref)
        for notice in notices_of(session, incident) if incident else ():
            if notice.template_id == template:
                return f"/incidents/{stage.ref}/notices/{notice.number}"
    raise StoryError(f"No notice was drafted from {template}.")


def approved(template: str) -> Callable[[Stage], None]:
    """Chris hands the notice to review, Lena approves it."""

    def act(stage: Stage) -> None:
        page = notice_page(stage, template)
        stage.form(CHRIS, page, f"{page}/submit")
        stage.form(LENA, page, f"{page}/approve")

    return act


def sent(template: str, proof: str) -> Callable[[Stage], None]:
    """Chris releases it as the second person; Lena records that she filed or sent it."""

    def act(stage: Stage) -> None:
        page = notice_page(stage, template)
        stage.form(CHRIS, page, f"{page}/release")
        stage.form(LENA, page, f"{page}/sent", proof=proof)

    return act


def several(*acts: Callable[[Stage], None]) -> Callable[[Stage], None]:
    """Do one after the other, each settled before the next."""

    def act(stage: Stage) -> None:
        for one in acts:
            one(stage)
            stage.settle()

    return act


def nothing(_stage: Stage) -> None:
    """Only time passes; reminders come by themselves."""


STORY: tuple[Step, ...] = (
    Step(0.0, "Sam hears of a strange call and tells #security", sam_reports),
    Step(0.2, "Ana opens the incident: channel, roles, tasks, clocks", open_incident),
    Step(
        0.4,
        "Ana confirms the severity; triage is done",
        typed(ANA, "status SEV1 the whole claims database was read", "task done 1 called back"),
    ),
    Step(0.8, "Farid preserves and seals the audit log", preserve),
    Step(
        1.5,
        "Ana tells the management; escalation is done",
        typed(ANA, "clock met escalation managing director told by phone"),
    ),
    Step(
        2.0, "Lena records that we are aware: the 72 hours run", typed(LENA, "fact aware at 10:00")
    ),
    Step(5.0, "Ana closes the way in: contained", typed(ANA, "contain service account closed")),
    Step(
        9.0,
        "Farid counts: 1,200 Californians, names and SSNs, not encrypted",
        typed(
            FARID,
            "fact 1,200 Californians, names and SSNs, not encrypted",
            "fact about 850 Germans",
            "fact affected_total 2050",
            "fact records_total 3400",
            "fact breach_kinds confidentiality",
            "fact breach_started_at 2026-11-19 02:10 UTC",
            "fact breach_ended_at 2026-11-19 05:40 UTC",
        ),
    ),
    Step(20.0, "Lena writes down what happened; the risk is high", record_in_form),
    Step(
        24.5,
        "24 hours after awareness: the first reminder has come by itself",
        typed(FARID, "timeline note Memory image of app-04 taken before it was switched off"),
    ),
    Step(
        30.0,
        "Chris drafts the holding statement, Lena approves it",
        several(
            typed(CHRIS, "notice draft holding_statement"),
            approved("holding_statement"),
        ),
    ),
    Step(
        44.0,
        "Lena approves the notification to the authority, files it, records the number",
        several(
            approved("gdpr_art33_authority"),
            sent("gdpr_art33_authority", "filed online, number 2026-4711"),
            typed(LENA, "clock met EU-GDPR-33-SA number 2026-4711"),
        ),
    ),
    Step(
        50.0,
        "The letters to people: service chosen, letters approved",
        several(
            typed(
                LENA,
                "fact credit_monitoring_months 24",
                "fact credit_monitoring_provider Example ID Watch",
                "fact enrolment_how www.example.com/enrol, with the code in this letter",
                "fact enrol_by 2027-03-31",
                "fact law_enforcement_delay no",
            ),
            approved("us_ca_individual"),
            approved("gdpr_art34_person"),
        ),
    ),
    Step(
        70.0, "Service is back: recovered", typed(ANA, "status recovered rebuilt from clean images")
    ),
    Step(72.0, "72 hours: what is open is on the card", nothing),
)
