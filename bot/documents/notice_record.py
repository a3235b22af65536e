"""What a notice was made from, as data inside its PDF.

Decides what leaves the house with the paper: the facts that the notice tells and nothing else. Who
told us a fact, and facts that only decided which sentence is printed, stay in the record.
"""

from collections.abc import Mapping
from typing import Any

from bot.documents.marks import Marking
from bot.domain.facts import Facts, to_json
from bot.domain.notice_checks import label_of
from bot.domain.notices import NoticeTemplate

FORMAT = "tocsin-notice-facts/1"


def record_of(
    template: NoticeTemplate,
    facts: Facts,
    *,
    told: set[str],
    overrides: Mapping[str, str],
    marking: Marking,
    ref: str,
    version: int,
    content_sha256: str,
    made_at: str,
) -> dict[str, Any]:
    """Describe a notice in JSON values.

    `told` are the keys of the facts that it prints; `made_at` is ISO 8601, UTC.
    """
    return {
        "format": FORMAT,
        "notice": {
            "ref": ref,
            "version": version,
            "title": template.title,
            "language": template.language,
            "made_at": made_at,
            "content_sha256": content_sha256,
            "marks": list(marking.words),
        },
        "template": {
            "id": template.id,
            "version": template.version,
            "sha256": template.sha256,
            "citation": template.citation,
        },
        "facts": [
            {
                "fact": key,
                "label": label_of(key),
                **_told(facts, key, overrides),
            }
            for key in sorted(told)
            if key in overrides or (key in facts and facts[key].value is not None)
        ],
    }


def _told(facts: Facts, key: str, overrides: Mapping[str, str]) -> dict[str, Any]:
    if key in overrides:
        return {"value": overrides[key], "worded_for_this_notice": True}
    fact = facts[key]
    return {
        "value": to_json(fact.value),
        "confidence": fact.confidence.value,
        "as_of": to_json(fact.as_of),
    }
