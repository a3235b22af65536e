"""What every page of a notice says about itself: DRAFT, PRIVILEGED, EXERCISE, or nothing.

Decides the words and how they are drawn: at the head of each page, big behind the text, and in the
file's title. They are drawn by the renderer, so that no template can leave them out. It doesn't
decide which marks a notice bears; its state, counsel and the incident's kind do.
"""

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from urllib.parse import quote

from bot.documents.wording import Labels
from bot.documents.wordings import WORDINGS

PRIVILEGED = (
    "Privileged & Confidential – Attorney-Client Communication, "
    "prepared at the direction of counsel"
)
"""Counsel's words. They claim privilege; whether there is any, a court decides."""

PROOF = "PROOF – for counsel, not for posting"
"""In counsel's English too: nobody else sees it."""

_COLOUR = "#a3211b"


class MarkState(StrEnum):
    """How far the text is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PROOF = "proof"
    """A letter of a print run that counsel looks at before the run; approved text, not for post."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Marking:
    """The marks of one paper; they add up."""

    state: MarkState
    privileged: bool = False
    exercise: str = ""
    """Reference of the exercise, or any word for it; empty in earnest."""
    language: str = "en-GB"
    """In which the marks are written, by its tag; privilege is claimed in counsel's English."""

    @property
    def plain(self) -> bool:
        """Whether no page bears a mark: approved, not privileged, in earnest."""
        return not self.words

    @property
    def words(self) -> tuple[str, ...]:
        """The lines at the head of each page, each on a line of its own."""
        first = " · ".join(one for one in (self._exercise, self._state) if one)
        return tuple(one for one in (first, PRIVILEGED if self.privileged else "") if one)

    @property
    def watermark(self) -> tuple[str, ...]:
        """The big words behind the text."""
        return tuple(
            word
            for word, borne in (
                (self._labels.exercise.partition(" ")[0], bool(self.exercise)),
                ("PROOF", self.state is MarkState.PROOF),
                (self._labels.draft, self.state in {MarkState.DRAFT, MarkState.IN_REVIEW}),
                ("PRIVILEGED", self.privileged),
            )
            if borne
        )

    @property
    def _state(self) -> str:
        labels = self._labels
        if self.state is MarkState.APPROVED:
            return ""
        if self.state is MarkState.PROOF:
            return PROOF
        review = f"{labels.in_review}, " if self.state is MarkState.IN_REVIEW else ""
        return f"{labels.draft} – {review}{labels.not_approved}"

    @property
    def _labels(self) -> Labels:
        return WORDINGS[self.language].labels

    @property
    def _exercise(self) -> str:
        labels = self._labels
        said = f"{labels.exercise} {self.exercise} – {labels.not_real}"
        return said if self.exercise else ""

    def titled(self, title: str) -> str:
        """Put the marks before a title."""
        privileged = "Privileged & Confidential" if self.privileged else ""
        before = " · ".join(one for one in (self._exercise, self._state, privileged) if one)
        return f"{before}: {title}" if before else title


DRAFT = Marking(state=MarkState.DRAFT)
IN_REVIEW = Marking(state=MarkState.IN_REVIEW)
APPROVED = Marking(state=MarkState.APPROVED)


def page_style(marking: Marking, *, size_pt: float) -> str:
    """Give the style sheet that draws the marks; `size_pt` is the size of the head's words.

    Handed to WeasyPrint as the user's sheet: there `!important` outranks whatever a template says.
    """
    if marking.plain:
        return ""
    words = "\\A ".join(_css(line) for line in marking.words)
    picture = f"data:image/svg+xml,{quote(watermark_svg(marking))}"
    return f"""@page {{
      background: url("{picture}") no-repeat center / contain !important;
      @top-center {{
        content: "{words}" !important;
        width: 100% !important; margin: 0 !important; padding: 6mm 0 0 !important;
        vertical-align: top !important; text-align: right !important;
        white-space: pre-wrap !important; color: {_COLOUR} !important;
        visibility: visible !important; overflow: visible !important;
        font: 600 {size_pt:g}pt/1.2 "Source Sans 3" !important;
      }}
    }}"""


def watermark_svg(marking: Marking) -> str:
    """Draw the big words across a sheet, one above the other."""
    lines = marking.watermark
    longest = max((len(one) for one in lines), default=1)
    size = min(58.0, 330 / longest)
    step = size * 1.05
    top = 161 - (len(lines) - 1) * step / 2
    texts = "".join(
        f'<text x="105" y="{top + index * step:.1f}" text-anchor="middle" '
        f'font-family="Source Sans 3" font-weight="600" font-size="{size:.1f}" '
        f'letter-spacing="{size / 10:.1f}" fill="{_COLOUR}" fill-opacity="0.08">'
        f"{escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" '
        f'viewBox="0 0 210 297"><g transform="rotate(-54 105 148)">{texts}</g></svg>'
    )


def _css(text: str) -> str:
    """Write a text for a CSS string: every character that could end it is escaped."""
    return "".join(one if one.isalnum() or one in " –·&,-" else f"\\{ord(one):x} " for one in text)
