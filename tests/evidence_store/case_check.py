"""data/case.jsonld against the ontology of CASE 1.x, with its own validator.

Not named test_…: the validator brings 220 MB, so `make test-case` installs it and runs this.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evidence_store import bundle as bundles
from evidence_store.artifacts import FolderArtifacts
from evidence_store.log import Draft
from tests.evidence_store.evidence_kit import ORIGIN, SIGNER, T0, append, at, write_story

VALIDATOR = Path(sys.executable).with_name("case_validate")


@pytest.fixture
def document(sqlite: Engine, artifacts: FolderArtifacts, tmp_path: Path) -> Path:
    disk = artifacts.store([b"a disk"])
    item = {"item": 1}
    with sqlite.begin() as connection:
        write_story(connection, artifacts)
        drafts = [
            Draft(event="evidence.collected", actor="U0FARID", data=item, artifacts=[disk]),
            Draft(event="evidence.sealed", actor="U0FARID", data=item, artifacts=[disk]),
            Draft(event="evidence.transferred", actor="U0LENA", data=item),
            Draft(event="hold.placed", actor="U0LENA", data={"hold": "H-1"}),
            Draft(event="evidence.disposed", actor="U0FARID", data=item, artifacts=[disk]),
        ]
        append(connection, *drafts, now=at(9))
        bundles.export_bundle(
            connection,
            origin=ORIGIN,
            artifacts=artifacts,
            out=tmp_path / "out",
            now=T0,
            vkey=SIGNER.vkey,
        )
    return tmp_path / "out/data/case.jsonld"


def validate(document: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VALIDATOR, document], capture_output=True, text=True, check=False)


def test_it_conforms(document: Path) -> None:
    done = validate(document)
    assert (done.returncode, "Conforms: True" in done.stdout) == (0, True), done.stdout
    # A term that the ontology doesn't know is only warned of.
    assert "concept" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("uco-core:hasFacet", "uco-core:hasFaccet"),
        ('"uco-types:hashMethod":"SHA256",', ""),
        ('"@type":"xsd:dateTime"', '"@type":"xsd:date"'),
    ],
)
def test_the_validator_would_notice(document: Path, old: str, new: str) -> None:
    text = document.read_text()
    assert old in text
    document.write_text(text.replace(old, new))
    json.loads(document.read_text())
    done = validate(document)
    assert done.returncode or "concept" in done.stderr
