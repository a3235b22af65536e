"""The forms: open an incident, record facts, hand over a role, declare contained.

Block ids are the names by which `listeners.views` reads the answers.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from slack_sdk.models.blocks import (
    Block,
    DateTimePickerElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.blocks.words import context, cut, section
from bot.domain.fact_dictionary import spoken
from bot.domain.incident import MAX_TITLE, SEVERITY_MEANING, Severity
from bot.domain.legal_words import DATA_ELEMENTS
from bot.domain.playbook import Playbook
from bot.domain.roles import CORE_ROLES, Role
from bot.domain.situation import Situation

OPTION_LIMIT = 75
DEFAULT_PLAYBOOK = "data_breach"
"""Chosen at first in the form; without a playbook of this id nothing is."""
OPTIONS_LIMIT = 100
PLACES = (
    ("US-CA", "California"),
    ("US-NY", "New York"),
    ("US-TX", "Texas"),
    ("US-FL", "Florida"),
    ("US-MA", "Massachusetts"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("ES", "Spain"),
    ("IT", "Italy"),
    ("NL", "Netherlands"),
    ("AT", "Austria"),
    ("IE", "Ireland"),
    ("PL", "Poland"),
    ("GB", "United Kingdom"),
)
"""Places offered in the form; any other ISO 3166 code can be typed in the command."""


def option(text: str, value: str) -> Option:
    """One choice, cut to Slack's limit."""
    return Option(text=cut(text, OPTION_LIMIT), value=value)


def select(options: Sequence[Option], initial: str | None = None) -> StaticSelectElement:
    """A menu of which one is chosen; `initial` is a value among the options."""
    chosen = next((one for one in options if one.value == initial), None)
    return StaticSelectElement(action_id="value", options=list(options), initial_option=chosen)


def input_block(
    block_id: str, label: str, element: InputInteractiveElement, *, optional: bool, hint: str = ""
) -> Block:
    """A labelled input; its block id is the name by which the answer is read."""
    return InputBlock(
        block_id=block_id, label=label, element=element, optional=optional, hint=hint or None
    )


def open_modal(
    playbooks: Iterable[Playbook], *, opener: str, title: str = "", private_metadata: str = ""
) -> View:
    """The form behind `/incident open`."""
    books = list(playbooks)
    options = [option(book.title, book.id) for book in books]
    severities = [option(f"{one}: {SEVERITY_MEANING[one]}", one.value) for one in Severity]
    blocks = [
        _title_input(title),
        input_block("playbook", "Playbook", select(options, DEFAULT_PLAYBOOK), optional=False),
        input_block("severity", "Severity", select(severities, Severity.SEV2), optional=False),
        *_known_inputs(),
        *(_role_input(role, opener) for role in CORE_ROLES),
    ]
    return View(
        type="modal",
        callback_id="open_incident",
        title="Open incident",
        submit="Open",
        close="Cancel",
        blocks=blocks,
        private_metadata=private_metadata,
    )


def _title_input(title: str) -> Block:
    return input_block(
        "title",
        "What happened, in a few words",
        PlainTextInputElement(action_id="value", initial_value=title or None, max_length=MAX_TITLE),
        optional=False,
        hint="It becomes the channel's name: no names of people.",
    )


def _known_inputs() -> list[Block]:
    return [
        input_block(
            "summary",
            "What do we know?",
            PlainTextInputElement(action_id="value", multiline=True, max_length=3000),
            optional=True,
        ),
        input_block(
            "aware_at",
            "When did we become aware of a breach, with reasonable certainty?",
            DateTimePickerElement(action_id="value"),
            optional=True,
            hint="Leave it empty while you only suspect. Legal clocks start here.",
        ),
    ]


def _role_input(role: Role, opener: str) -> Block:
    initial = opener if role is Role.COMMANDER else None
    return input_block(
        f"role_{role.value}",
        role.title(),
        UserSelectElement(action_id="value", initial_user=initial),
        optional=role is not Role.COMMANDER,
    )


def fact_modal(ref: str) -> View:
    """The form behind `/incident fact`: the questions that start clocks, most urgent first."""
    blocks: list[Block] = [
        section("Fill in what you know; leave the rest empty. Nothing is overwritten, ever."),
        *_when_inputs(),
        *_whose_inputs(),
        *_risk_inputs(),
        *_story_inputs(),
        *source_inputs(),
    ]
    return View(
        type="modal",
        callback_id="record_facts",
        title="Record facts",
        submit="Record",
        close="Cancel",
        blocks=blocks,
        private_metadata=ref,
    )


def _when_inputs() -> list[Block]:
    return [
        input_block(
            "aware_at",
            "We became aware",
            DateTimePickerElement(action_id="value"),
            optional=True,
            hint="With reasonable certainty that personal data is affected.",
        ),
        input_block(
            "determined_at",
            "We determined that a breach occurred",
            DateTimePickerElement(action_id="value"),
            optional=True,
        ),
    ]


def _whose_inputs() -> list[Block]:
    return [
        input_block(
            "place",
            "People of which place?",
            select([option(f"{name} ({code})", code) for code, name in PLACES]),
            optional=True,
        ),
        input_block(
            "residents",
            "How many of them?",
            PlainTextInputElement(action_id="value", placeholder="1200"),
            optional=True,
        ),
        input_block(
            "data_elements",
            "Which data?",
            StaticMultiSelectElement(
                action_id="value",
                options=[option(spoken(one), one) for one in DATA_ELEMENTS],
            ),
            optional=True,
        ),
    ]


def _risk_inputs() -> list[Block]:
    yes_no = [option("Yes", "yes"), option("No", "no"), option("Not known yet", "unknown")]
    return [
        input_block(
            "encryption",
            "Was it encrypted?",
            select(
                [
                    option("Not encrypted", "not_encrypted"),
                    option("Partly", "partly"),
                    option("Encrypted", "encrypted"),
                    option("Not known yet", "unknown"),
                ]
            ),
            optional=True,
        ),
        input_block(
            "encryption_key_taken",
            "Could the key have been taken too?",
            select(yes_no),
            optional=True,
        ),
        input_block(
            "risk_to_people",
            "Risk to people",
            select(
                [
                    option("Unlikely", "unlikely"),
                    option("Likely", "likely"),
                    option("High", "high"),
                    option("Not known yet", "unknown"),
                ]
            ),
            optional=True,
        ),
    ]


def _story_inputs() -> list[Block]:
    return [
        input_block(
            "what_happened",
            "What happened?",
            PlainTextInputElement(action_id="value", multiline=True, max_length=3000),
            optional=True,
        ),
        input_block(
            "other",
            "Anything else, one per line",
            PlainTextInputElement(
                action_id="value", multiline=True, placeholder="measures_taken: access closed"
            ),
            optional=True,
            hint="name: value. All names: /incident fact help",
        ),
    ]


def source_inputs() -> list[Block]:
    """Ask how sure the person is, and how they know: every fact has both."""
    return [
        input_block(
            "confidence",
            "How sure are you?",
            select(
                [option("Confirmed", "confirmed"), option("Estimated", "estimated")], "confirmed"
            ),
            optional=False,
        ),
        input_block(
            "source",
            "How do you know?",
            PlainTextInputElement(
                action_id="value", placeholder="query of the claims database", max_length=300
            ),
            optional=False,
        ),
    ]


def role_modal(situation: Situation) -> View:
    """The form that hands over a role with a note."""
    roles = [option(role.title(), role.value) for role in Role]
    blocks = [
        input_block("role", "Which role?", select(roles), optional=False),
        input_block("person", "To whom?", UserSelectElement(action_id="value"), optional=False),
        input_block(
            "note",
            "Where things stand, for the one who takes over",
            PlainTextInputElement(action_id="value", multiline=True, max_length=2000),
            optional=True,
        ),
        context("The Commander may assign any role; the holder may hand over their own."),
    ]
    return View(
        type="modal",
        callback_id="hand_over_role",
        title="Hand over a role",
        submit="Hand over",
        close="Cancel",
        blocks=blocks,
        private_metadata=situation.ref,
    )


def contain_modal(ref: str, now: datetime) -> View:
    """The form that declares containment and its time."""
    blocks = [
        input_block(
            "at",
            "Since when is it contained?",
            DateTimePickerElement(action_id="value", initial_date_time=int(now.timestamp())),
            optional=False,
        ),
        input_block(
            "note",
            "What stopped it?",
            PlainTextInputElement(action_id="value", multiline=True, max_length=2000),
            optional=True,
        ),
    ]
    return View(
        type="modal",
        callback_id="contain",
        title="Mark contained",
        submit="Contained",
        close="Cancel",
        blocks=blocks,
        private_metadata=ref,
    )


def pick_incident_modal(choices: Sequence[tuple[str, str]], *, payload: str) -> View:
    """Ask for which incident a message shall be preserved."""
    options = [option(f"{ref} {title}", ref) for ref, title in choices[:OPTIONS_LIMIT]]
    blocks = [
        section("The message and its files are copied and hashed as they are now."),
        input_block(
            "incident", "For which incident?", select(options, options[0].value), optional=False
        ),
    ]
    return View(
        type="modal",
        callback_id="preserve_message",
        title="Preserve as evidence",
        submit="Preserve",
        close="Cancel",
        blocks=blocks,
        private_metadata=payload,
    )
