"""An expert who follows a README line by line, in a shell, with the bag and no network.

What is run is what the README prints, every command of it; only the two values that it says come
from outside are filled in.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

NO_SOCKETS = (
    "import socket\ndef _none(*a, **k): raise OSError('no network here')\nsocket.socket = _none\n"
)


def commands(readme: Path) -> list[str]:
    found = re.findall(r"^    \$ (.*)$", readme.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) >= 10
    return [str(one) for one in found]


@dataclass(frozen=True, kw_only=True)
class Step:
    command: str
    code: int
    said: str


def follow(bundle: Path, readme: str, *, vkey: str, roots: Path, folder: Path) -> list[Step]:
    """Run the commands in one shell, as somebody who types them; return what each one said."""
    given = {
        "VKEY='NAME+ID+KEY'": f"VKEY='{vkey}'",
        "ROOTS='/path/to/roots.pem'": f"ROOTS='{roots}'",
    }
    typed = [given.pop(one, one) for one in commands(bundle / readme)]
    assert not given, "the README doesn't ask for the key and the roots in these words"
    (folder / "blocked").mkdir()
    (folder / "blocked" / "sitecustomize.py").write_text(NO_SOCKETS)
    script = "".join(f'{one}\necho "@@ $?"\n' for one in typed)
    alone = ["unshare", "-rn"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = []
    bagit = Path(__file__).resolve().parents[2] / ".venv/bin"
    path = f"{bagit}:{os.environ['PATH']}"
    done = subprocess.run(
        [*alone, "bash", "-c", script],
        cwd=bundle,
        env={
            "PATH": path,
            "PYTHONPATH": str(folder / "blocked"),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LC_ALL": "C.UTF-8",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    parts = re.split(r"^@@ (\d+)\n", done.stdout.decode(), flags=re.MULTILINE)
    return [
        Step(command=command, code=int(code), said=said)
        for command, said, code in zip(typed, parts[::2], parts[1::2], strict=False)
    ]


def said(steps: list[Step], words: str) -> Step:
    found = [step for step in steps if words in step.command]
    assert found, words
    return found[-1]
