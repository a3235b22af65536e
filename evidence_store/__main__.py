"""`python -m evidence_store verify BUNDLE …`: the verifier from the command line."""

import sys

from evidence_store import verify


def main(argv: list[str]) -> int:
    """Run a sub-command; there is one. Exit codes are the verifier's (4 for a usage error)."""
    if argv[:1] != ["verify"]:
        sys.stderr.write("usage: python -m evidence_store verify BUNDLE [--vkey NAME+ID+KEY] …\n")
        return verify.EXIT_CODES[verify.UNREADABLE]
    return verify.main(argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
