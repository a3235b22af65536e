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
from bot.domain.legal_words import DATA_ELEMENTS
from bot.domain.incident import MAX_TITLE, SEVERITY_MEANING, Severity
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
"""Places offered in the form; any other ISO code can be typed in the command."""


def _option(text: str, value: str) -> Option:
    return Option(text=cut(text, OPTION_LIMIT), value=value)


def _select(options: Sequence[Option], initial: str | None = None) -> StaticSelectElement:
    chosen = next((one for one in options if one.value == initial), None)
    return StaticSelectElement(action_id="value", options=list(options), initial_option=chosen)


def _input(
    block_id: str, label: str, element: InputInteractiveElement, *, optional: bool, hint: str = ""
) -> Block:
    return InputBlock(
        block_id=block_id, label=label, element=element, optional=optional, hint=hint or None
    )


def open_modal(
    playbooks: Iterable[Playbook], *, opener: str, title: str = "", private_metadata: str = ""
) -> View:
    """The form behind `/incident open`."""
    books = list(playbooks)
    options = [_option(book.title, book.id) for book in books]
    severities = [_option(f"{one}: {SEVERITY_MEANING[one]}", one.value) for one in Severity]
    blocks = [
        _title_input(title),
        _input("playbook", "Playbook", _select(options, DEFAULT_PLAYBOOK), optional=False),
        _input("severity", "Severity", _select(severities, Severity.SEV2), optional=False),
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
    return _input(
        "title",
        "What happened, in a few words",
        PlainTextInputElement(action_id="value", initial_value=title or None, max_length=MAX_TITLE),
        optional=False,
        hint="It becomes the channel's name: no names of people.",
    )


def _known_inputs() -> list[Block]:
    return [
        _input(
            "summary",
            "What do we know?",
            PlainTextInputElement(action_id="value", multiline=True, max_length=3000),
            optional=True,
        ),
        _input(
            "aware_at",
            "When did we become aware of a breach, with reasonable certainty?",
            DateTimePickerElement(action_id="value"),
            optional=True,
            hint="Leave it empty while you only suspect. Legal clocks start here.",
        ),
    ]


def _role_input(role: Role, opener: str) -> Block:
    initial = opener if role is Role.COMMANDER else None
    return _input(
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
        *_source_inputs(),
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
        _input(
            "aware_at",
            "We became aware",
            DateTimePickerElement(action_id="value"),
            optional=True,
            hint="With reasonable certainty that personal data is affected.",
        ),
        _input(
            "determined_at",
            "We determined that a breach occurred",
            DateTimePickerElement(action_id="value"),
            optional=True,
        ),
    ]


def _whose_inputs() -> list[Block]:
    return [
        _input(
            "place",
            "People of which place?",
            _select([_option(f"{name} ({code})", code) for code, name in PLACES]),
            optional=True,
        ),
        _input(
            "residents",
            "How many of them?",
            PlainTextInputElement(action_id="value", placeholder="1200"),
            optional=True,
        ),
        _input(
            "data_elements",
            "Which data?",
            StaticMultiSelectElement(
                action_id="value",
                options=[_option(spoken(one), one) for one in DATA_ELEMENTS],
            ),
            optional=True,
        ),
    ]


def _risk_inputs() -> list[Block]:
    yes_no = [_option("Yes", "yes"), _option("No", "no"), _option("Not known yet", "unknown")]
    return [
        _input(
            "encryption",
            "Was it encrypted?",
            _select(
                [
                    _option("Not encrypted", "not_encrypted"),
                    _option("Partly", "partly"),
                    _option("Encrypted", "encrypted"),
                    _option("Not known yet", "unknown"),
                ]
            ),
            optional=True,
        ),
        _input(
            "encryption_key_taken",
            "Could the key have been taken too?",
            _select(yes_no),
            optional=True,
        ),
        _input(
            "risk_to_people",
            "Risk to people",
            _select(
                [
                    _option("Unlikely", "unlikely"),
                    _option("Likely", "likely"),
                    _option("High", "high"),
                    _option("Not known yet", "unknown"),
                ]
            ),
            optional=True,
        ),
    ]


def _story_inputs() -> list[Block]:
    return [
        _input(
            "what_happened",
            "What happened?",
            PlainTextInputElement(action_id="value", multiline=True, max_length=3000),
            optional=True,
        ),
        _input(
            "other",
            "Anything else, one per line",
            PlainTextInputElement(
                action_id="value", multiline=True, placeholder="measures_taken: access closed"
            ),
            optional=True,
            hint="name: value. All names: /incident fact help",
        ),
    ]


def _source_inputs() -> list[Block]:
    return [
        _input(
            "confidence",
            "How sure are you?",
            _select(
                [_option("Confirmed", "confirmed"), _option("Estimated", "estimated")], "confirmed"
            ),
            optional=False,
        ),
        _input(
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
    roles = [_option(role.title(), role.value) for role in Role]
    blocks = [
        _input("role", "Which role?", _select(roles), optional=False),
        _input("person", "To whom?", UserSelectElement(action_id="value"), optional=False),
        _input(
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
        _input(
            "at",
            "Since when is it contained?",
            DateTimePickerElement(action_id="value", initial_date_time=int(now.timestamp())),
            optional=False,
        ),
        _input(
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
    options = [_option(f"{ref} {title}", ref) for ref, title in choices[:OPTIONS_LIMIT]]
    blocks = [
        section("The message and its files are copied and hashed as they are now."),
        _input(
            "incident", "For which incident?", _select(options, options[0].value), optional=False
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
