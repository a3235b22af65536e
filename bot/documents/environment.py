"""The Jinja2 environment of the notices: sandboxed, escaping, strict, and shut in its folder.

Decides what a template may do. It can read the template folders and nothing else, can't reach
Python's internals, and an unknown variable is an error rather than an empty place in a letter.
"""

from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def environment_for(root: Path) -> ImmutableSandboxedEnvironment:
    """Build the environment for a folder of templates; kept, so that templates compile once.

    Templates are addressed as `gdpr_art34_person/body.html.j2` and `base/letter.html.j2`.
    Jinja's loader refuses names with `..` and never leaves `root`.
    """
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(root, followlinks=False),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        # A file that changes on disk would no longer be the version whose hash was taken.
        auto_reload=False,
    )
