"""The organisation file names only places that there are and entities that laws know."""

from pathlib import Path

import pytest

from bot.content.organisation import load_organisation
from bot.content.yaml_source import ContentError

SHIPPED = Path(__file__).resolve().parents[2] / "playbooks" / "organisation.yaml"


def test_halden_is_an_insurer_under_dora() -> None:
    facts = load_organisation(SHIPPED).facts
    assert facts["entity_types"] == ["dora_financial_entity", "insurance_licensee"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[DE, US-CA]", "[DE, UK]", "'UK' isn't a place"),
        ("[DE, US-CA]", "[DE, US-ZZ]", "did you mean US-AZ"),
        ("insurance_licensee]", "insurer]", "isn’t one of the choices|isn't one of the choices"),
    ],
)
def test_what_nobody_knows_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    file = tmp_path / "organisation.yaml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ContentError, match=message) as caught:
        load_organisation(file)
    assert "organisation.yaml:" in str(caught.value)
