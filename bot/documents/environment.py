"""The Jinja2 environment of the notices: sandboxed, escaping, strict, and shut in its texts.

Decides what a template may do. It can include the texts that it was loaded with and nothing else,
can't reach Python's internals, and an unknown variable is an error rather than an empty place in a
letter.
"""

from collections.abc import Mapping

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

_KEPT = 256
_kept: dict[str, ImmutableSandboxedEnvironment] = {}


def environment_for(sha256: str, texts: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """Build the environment of one edition of a template; kept, so that it compiles once.

    `texts` are addressed as `gdpr_art34_person/body.html.j2` and `base/letter.html.j2`; `sha256`
    names the edition. No file is read: what is on disk may be another edition by now.
    """
    if sha256 not in _kept:
        if len(_kept) >= _KEPT:
            _kept.clear()
        _kept[sha256] = environment_of(texts)
    return _kept[sha256]


def environment_of(texts: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """Build an environment that knows these texts, by name, and nothing else."""
    return ImmutableSandboxedEnvironment(
        loader=DictLoader(texts),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
