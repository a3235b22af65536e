"""`tocsin demo` and its story, as somebody who has never seen Tocsin runs them."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bot.cli.main import main
from bot.documents.pdf_text import text_of_pages
from tests.cli.test_operate import wait_for

pytestmark = pytest.mark.slow


def free_ports(count: int) -> list[int]:
    """Find ports that nobody uses."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def test_the_demo_opens_a_page_and_leaves_nothing_behind(tmp_path: Path) -> None:
    box, web = free_ports(2)
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", str(box), "--web-port", str(web)],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert wait_for(f"http://127.0.0.1:{box}/") == 200
        assert wait_for(f"http://127.0.0.1:{web}/who") == 200
        page = httpx.get(f"http://127.0.0.1:{web}/who", trust_env=False).text
        assert "Lena Okafor" in page
        process.terminate()
        said, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert f"http://127.0.0.1:{box}" in said
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = ["demo", "--port", port, "--web-port", port, "--data-dir", str(tmp_path / "d")]
        assert main(words) == 1
    assert "is in use: stop the other demo" in capsys.readouterr().err


def test_the_story_leaves_notices_bundle_and_timeline(tmp_path: Path) -> None:
    out = tmp_path / "story"
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--story", "--out", str(out)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    check_notices(out)
    check_bundle(out)
    timeline = (out / "timeline.md").read_text(encoding="utf-8")
    for words in ("Reminder for EU-GDPR-33-SA: 48 h left", "Contained as of", "Recovered as of"):
        assert words in timeline
    assert len(re.findall("Reminder for EU-GDPR-33-SA: 48 h left", timeline)) == 1
    again = main(["demo", "--story", "--out", str(out)])
    assert again == 1


def check_notices(out: Path) -> None:
    """Four notices, approved, without a gap or a draft mark."""
    texts = {
        file.name.split("-")[1]: " ".join(text_of_pages(file.read_bytes()))
        for file in (out / "notices").glob("*.pdf")
    }
    assert sorted(texts) == [
        "gdpr_art33_authority",
        "gdpr_art34_person",
        "holding_statement",
        "us_ca_individual",
    ]
    for text in texts.values():
        assert "DRAFT" not in text
        assert "[[" not in text
    assert "Notice of Data Breach" in texts["us_ca_individual"]


def check_bundle(out: Path) -> None:
    """The bundle verifies alone, and fails when one byte of it is changed."""
    key = (out / "key.txt").read_text(encoding="utf-8").strip()
    check = [sys.executable, "-I", "-S", out / "bundle" / "verify.py", out / "bundle"]
    assert subprocess.run([*check, "--vkey", key], capture_output=True, check=False).returncode == 3
    assert subprocess.run(check, capture_output=True, check=False).returncode == 2
    entries = out / "bundle" / "data" / "log" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"SEV1", b"SEV2", 1))
    spoiled = subprocess.run([*check, "--vkey", key], capture_output=True, check=False, text=True)
    assert spoiled.returncode == 1
    assert spoiled.stdout.startswith("FAILED")
