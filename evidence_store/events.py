"""The closed vocabulary of evidence events.

Decides which words an entry may carry. A word is never removed or given another meaning; adding
one raises VOCABULARY_VERSION, which each log names in its first entry. The verifier keeps its own
copy, because it must run alone; a test holds the two together.
"""

VOCABULARY_VERSION = 3
GENESIS = "log.opened"
ERASED = "personal_data.erased"
DISPOSED = "evidence.disposed"
HOLD_PLACED = "hold.placed"
HOLD_RELEASED = "hold.released"
KEY_ROTATED = "key.rotated"
CHECKPOINT_RECORDED = "checkpoint.recorded"

_WORDS = """
log.opened
incident.opened incident.severity_changed incident.status_changed incident.contained
incident.recovered incident.closed incident.renamed incident.channel_ready
incident.channel_failed incident.member_joined incident.member_left
role.assigned role.claimed role.handed_over role.released role.deputy_named
role.deputy_released
task.created task.assigned task.completed task.reopened task.skipped
fact.recorded fact.corrected
clock.started clock.waiting clock.due_changed clock.met clock.missed clock.not_applicable
clock.waived clock.tolled clock.extended clock.resumed clock.overruled
clock.lateness_explained obligations.assessed calendar.feed_made calendar.feed_revoked
reminder.sent reminder.acknowledged reminder.snoozed reminder.escalated reminder.digest
message.preserved
evidence.collected evidence.sealed evidence.transferred evidence.accessed evidence.copied
evidence.analysed evidence.derived evidence.returned evidence.disposed evidence.verified
hold.placed hold.released
notice.drafted notice.revised notice.submitted notice.changes_requested notice.approved
notice.reopened notice.released notice.sent notice.superseded notice.withdrawn
notice.downloaded notice.assigned notice.commented notice.comment_resolved
notice.privilege_marked notice.privilege_cleared notice.read
print_run.checked print_run.proof_approved print_run.started print_run.finished
print_run.stopped print_run.handed_over print_run.compared
print_run.erasure_asked print_run.erasure_refused print_run.list_erased
exercise.started exercise.held exercise.resumed exercise.jumped exercise.ended
exercise.aborted exercise.real_world_called exercise.branch_taken
exercise.inject_delivered exercise.inject_held exercise.inject_released
exercise.inject_skipped exercise.inject_added exercise.decision_recorded
exercise.expectation_met exercise.expectation_missed exercise.rated exercise.observed
exercise.feedback_given exercise.report_made exercise.report_locked
corrective_action.assigned corrective_action.done corrective_action.reopened
outbound.granted outbound.captured outbound.refused outbound.retracted
partner.called decision.recorded note.recorded personal_data.erased
log.anchored log.anchor_failed key.rotated bundle.exported checkpoint.recorded
"""
EVENTS = frozenset(_WORDS.split())


class UnknownEventError(ValueError):
    """The event is not a word of the vocabulary."""


def check_event(event: str) -> None:
    """Raise UnknownEventError unless `event` is a word of the vocabulary."""
    if event not in EVENTS:
        raise UnknownEventError(
            f"event {event!a} is not in vocabulary {VOCABULARY_VERSION}; "
            "use a word of evidence_store.events, or add it there and raise the version"
        )
