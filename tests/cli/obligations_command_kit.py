"""Runs `tocsin obligations` as the command line does, on a pack of a few files."""

import argparse
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bot.cli.obligations import EXIT_OK, add_parser, run

PACK = Path(__file__).resolve().parents[2] / "playbooks" / "obligations"


def tocsin(*words: str, folder: Path | None) -> int:
    parser = argparse.ArgumentParser(prog="tocsin")
    add_parser(parser.add_subparsers())
    return run(parser.parse_args(["obligations", *words]), folder=folder)


def printed(*words: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must succeed, and give what it printed."""
    assert tocsin(*words, folder=folder) == EXIT_OK
    return capsys.readouterr().out


def as_json(*words: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(printed(*words, "--json", folder=folder, capsys=capsys))


def pack_of(names: Iterable[str], folder: Path) -> Path:
    """Copy files of the shipped pack, because reading all of it takes longer than a test should."""
    folder.mkdir(exist_ok=True)
    for name in ("_shared", *names):
        shutil.copy(PACK / f"{name}.yaml", folder)
    return folder


def file_of(obligation_id: str) -> str:
    """Name the file of the shipped pack that a duty stands in."""
    line = f"- id: {obligation_id}\n"
    return next(one.stem for one in sorted(PACK.glob("*.yaml")) if line in one.read_text("utf-8"))
