"""The words of a scenario: nothing in it may look like a real address, or deny that it is practice.

Decides which addresses, numbers and phrases no scenario may hold, and which variables its texts may
name. Public cases are left alone: their sources are real.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot.content.yaml_source import ContentProblem, LoadedYaml, suggest
from bot.domain.scenario_variables import SLOT, names_in

Path = tuple[str | int, ...]

RESERVED_ENDS = ("test", "example", "invalid", "localhost")
RESERVED_NAMES = ("example.com", "example.net", "example.org")
"""Names that belong to nobody (RFC 2606, RFC 6761)."""

RESERVED_NETWORKS = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""Addresses for documentation (RFC 5737, RFC 3849). Private ones could be a machine of our own."""

FICTIONAL_NUMBERS = re.compile(
    r"""55501\d\d           # +1 … 555 0100 to 0199, kept for fiction in North America
    |(49|0)3023125\d{3}     # Berlin, and the next four: Bundesnetzagentur, Mitteilung 148/2021
    |(49|0)6990009\d{3}
    |(49|0)4066969\d{3}
    |(49|0)2214710\d{3}
    |(49|0)8999998\d{3}
    |(44|0)2079460\d{3}     # London, and others: Ofcom's numbers for drama
    |(44|0)1632960\d{3}
    |(44|0)7700900\d{3}""",
    re.VERBOSE,
)
"""Searched in a number's digits; a country's 00, + and (0) are gone."""

_MAIL = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[\w-]+)")
_URL = re.compile(
    r"\b(?:https?|ftp|sftp|wss?)://(?:[^\s/@]*@)?([\w.-]+|\[[0-9a-fA-F:]+\])", re.IGNORECASE
)
_ENDS = (
    "com|net|org|info|biz|edu|gov|mil|eu|de|uk|fr|es|ch|io|co|ai|app|dev|cloud|online|onion|ru|cn"
)
_HOST = re.compile(rf"(?<![\w@./-])((?:[\w-]+\.)+(?:{_ENDS}))(?![\w-]|\.\w)", re.IGNORECASE)
_V4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_V6 = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_PHONE = re.compile(
    r"""(?<![\w.,-])(?:
      (?:\+|00)[1-9][\d\s()./-]{6,18}\d             # +49 30 …, 0049 30 …
    | \(\d{3}\)\s?\d{3}[\s.-]\d{4}                  # (202) 555-0142
    | \d{3}[.-]\d{3}[.-]\d{4}                       # 202-555-0142
    | 0[1-9]\d{1,3}[\s/-]{1,3}\d{3,}(?:[\s-]?\d{2,})*   # 030 23125 007, 0221/4710007
    )(?!\w)""",
    re.VERBOSE,
)
_FORBIDDEN = re.compile(
    r"""\bnot\ an?\ (?:drill|exercise|simulation)\b
    |\bisn't\ an?\ (?:drill|exercise|simulation)\b
    |\bno\ (?:drill|exercise|simulation)\b
    |\bthis\ is\ (?:not\ a\ test|no\ test|real)\b
    |\bkein(?:e|er|en|em)?\ (?:übung|übungen|uebung|probealarm|planspiel)\b
    |\bnicht\ (?:nur\ )?eine\ (?:übung|uebung)\b
    |\b(?:das|dies|es)\ ist\ (?:kein\ test|echt|ernst|der\ ernstfall)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_CALLS = re.compile(r"@(?:channel|here|everyone)\b|<!\w+|<@\w+|<!subteam\^", re.IGNORECASE)

FILLED = ("from", "title", "text")
"""What of an inject is filled in, beside the values of its papers."""


def word_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    """Find every text that looks real, denies the exercise, or names a variable wrongly."""
    for path, text in texts_of(loaded.data):
        if path[:1] == ("cases",):
            continue
        for problem, remedy in _found_in(text):
            yield loaded.problem(path, problem, remedy)
    yield from _variable_problems(loaded)


@lru_cache(maxsize=10_000)
def _found_in(text: str) -> tuple[tuple[str, str], ...]:
    """Find what is wrong with a text, and the remedy; once, however often policy is loaded."""
    flat = re.sub(r"\s+", " ", text)
    return (*_addresses(text), *_numbers(text), *_phrases(flat))


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    domains = [match[1] for match in _MAIL.finditer(text)]
    remedy = "use example.com or a name that ends in .example, .test or .invalid"
    for domain in domains:
        if not is_reserved(domain):
            yield f"mail to '{domain}' could reach somebody", remedy
    hosts = [match[1] for match in _URL.finditer(text)]
    bare = [match[1] for match in _HOST.finditer(_URL.sub(" ", text))]
    for host in dict.fromkeys([*hosts, *bare]):
        if not (is_reserved(host) or _is_address(host)):
            yield f"'{host}' could be a real address", remedy
    for word in dict.fromkeys([*_V4.findall(text), *_V6.findall(text)]):
        if _is_address(word) and not _is_documentation(word):
            documented = "use one for documentation: 192.0.2.10, 198.51.100.7, 2001:db8::1"
            yield f"'{word}' could be a real machine", documented


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    for match in _PHONE.finditer(text):
        if not is_fictional(match[0]):
            yield (
                f"'{match[0]}' could be somebody's telephone",
                "use +1 202 555 01xx, in Germany +49 30 23125 xxx, in Britain +44 20 7946 0xxx",
            )


def _phrases(text: str) -> Iterator[tuple[str, str]]:
    for match in _FORBIDDEN.finditer(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        yield f"'{match[0]}' denies that this is an exercise", "take it out"
    for match in _CALLS.finditer(text):
        yield f"'{match[0]}' calls people in Slack", "name the role instead"


def is_reserved(domain: str) -> bool:
    """Say whether a name belongs to nobody, for certain."""
    name = domain.rstrip(".").casefold()
    return name.rpartition(".")[2] in RESERVED_ENDS or any(
        name == one or name.endswith(f".{one}") for one in RESERVED_NAMES
    )


def is_fictional(number: str) -> bool:
    """Say whether a telephone number is one that is kept for fiction."""
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    return FICTIONAL_NUMBERS.search(digits.removeprefix("00")) is not None


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word.strip("[]"))
    except ValueError:
        return False
    return True


def _is_documentation(word: str) -> bool:
    address = ipaddress.ip_address(word)
    return any(address in network for network in RESERVED_NETWORKS)


def _variable_problems(loaded: LoadedYaml) -> Iterator[ContentProblem]:
    known: Mapping[str, Any] = loaded.data.get("variables", {})
    used: set[str] = set()
    for path, text in texts_of(loaded.data):
        names = names_in(text)
        if names and not _is_filled(path):
            yield loaded.problem(
                path,
                "variables aren't filled in here",
                "use them in an inject's from, title, text and papers only",
            )
            continue
        used |= names
        for name in sorted(names - set(known)):
            remedy = suggest(name, known) if known else "add it under variables"
            yield loaded.problem(path, f"there is no variable '{name}'", remedy)
        if "{{" in SLOT.sub("", text) or "{%" in text:
            yield loaded.problem(path, "this is no variable", "write {{ name }}, without more")
    for name, said in known.items():
        yield from _range_problems(loaded, name, said)
        if name not in used:
            remedy = f"write {{{{ {name} }}}} in a text, or remove it"
            yield loaded.problem(("variables", name), f"nothing uses '{name}'", remedy, key=True)


def _range_problems(
    loaded: LoadedYaml, name: str, said: Mapping[str, Any]
) -> Iterator[ContentProblem]:
    path = ("variables", name)
    if ("one_of" in said) == bool({"from", "to"} & set(said)):
        yield loaded.problem(
            path, f"'{name}' is a range or a choice", "write from and to, or one_of"
        )
    elif "one_of" not in said and len({"from", "to"} & set(said)) == 1:
        yield loaded.problem(path, f"the range of '{name}' has one end", "write from and to")
    elif "one_of" not in said and said["from"] > said["to"]:
        problem = f"'{name}' goes from {said['from']} to {said['to']}"
        yield loaded.problem((*path, "from"), problem, "write the smaller number first")


def _is_filled(path: Path) -> bool:
    if path[:1] != ("injects",) or len(path) < 3:  # noqa: PLR2004 - injects, number, key
        return False
    return path[2] in FILLED or (path[2] == "attachments" and "values" in path)


def texts_of(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text of a file with its place."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from texts_of(value, (*path, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts_of(value, (*path, index))
