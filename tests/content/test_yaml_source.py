"""Every kind of bad YAML is refused at its line and column, with a remedy."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.yaml_reader import Reader
from bot.content.yaml_source import (
    MANY,
    MAX_BYTES,
    ContentError,
    load_schema,
    load_yaml,
    nearest,
    parse_yaml,
    suggest,
    validate,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "due"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "description": "what people see"},
        "due": {"type": "string", "pattern": "^[0-9]+ h$", "remedy": "write '4 h'"},
        "role": {"enum": ["legal", "comms"]},
        "count": {"type": "integer", "minimum": 1},
        "day": {"type": "string", "format": "date"},
        "flag": {"type": "boolean"},
        "tags": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "rule": {
            "oneOf": [
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["kind", "hours"],
                    "properties": {"kind": {"const": "elapsed"}, "hours": {"type": "integer"}},
                },
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["kind", "days"],
                    "properties": {"kind": {"const": "business"}, "days": {"type": "integer"}},
                },
            ]
        },
        "by_place": {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2}$"}},
    },
}


def refusal(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(ContentError) as caught:
        parse_yaml(raw, file="x.yaml")
    return str(caught.value).splitlines()


def faults(text: str) -> list[str]:
    return [str(p) for p in validate(parse_yaml(text.encode(), file="x.yaml"), SCHEMA)]


def test_yaml_1_2_core_values_become_plain_python() -> None:
    text = "a: yes\nb: 2026-03-02\nc: true\nd: 0x1F\ne: 1.5\nf: ~\ng: '12'\nh: [1, -2]\ni: .inf\n"
    assert parse_yaml(text.encode(), file="x").data == {
        "a": "yes",
        "b": "2026-03-02",
        "c": True,
        "d": 31,
        "e": 1.5,
        "f": None,
        "g": "12",
        "h": [1, -2],
        "i": ".inf",
    }


def test_positions_are_those_an_editor_shows() -> None:
    loaded = parse_yaml(b"a:\n  - b: 1\n    c: two\nd:\ne: 5\n", file="x.yaml")
    assert loaded.position_of(("a", 0, "c")) == (3, 8)
    assert loaded.position_of(("a", 0, "c"), key=True) == (3, 5)
    assert loaded.position_of(("d",)) == (4, 1)  # an absent value stands where its key stands
    assert loaded.position_of(("a", 0, "missing", "deeper")) == (2, 5)


def test_sha256_is_of_the_bytes_in_the_file(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbfa: 1  # with a byte order mark\r\n"
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    loaded = load_yaml(path)
    assert loaded.sha256 == hashlib.sha256(raw).hexdigest()
    assert loaded.raw == raw
    assert loaded.data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "x.yaml:2:1: found character '\\t'"),
        ("a: b: c\n", "x.yaml:1:5: mapping values are not allowed here"),
        ("a: [1,\nb: 2\n", "x.yaml:3:1: expected ',' or ']'"),
        ("a: 'x\nb: 2\n", "x.yaml:3:1: found unexpected end of stream"),
        ("a: @x\n", "x.yaml:1:4: found character '@'"),
        ("a: 1\na: 2\n", "x.yaml:2:1: 'a' stands twice (first on line 1); keep one of them"),
        ("a: &x 1\n", "x.yaml:1:4: anchor '&x'; remove it"),
        ("a: *x\n", "x.yaml:1:4: alias '*x'; write the value out"),
        ("a: !!python/object:os.system x\n", "x.yaml:1:4: tag 'tag:yaml.org,2002:python/object"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document begins here; keep one per file"),
        ("? [a]\n: b\n", "x.yaml:1:3: a key that isn't text; write keys as plain words"),
        ("1: x\n", "x.yaml:1:1: the key 1 isn't text; put quotes around it"),
        ("a: 1e999\n", "x.yaml:1:4: the number 1e999 is too large; put quotes around it"),
        ("a: 1\nb: x\x07y\n", "x.yaml:2:5: a control character stands here; remove it"),
        ("", "x.yaml:1:1: the file is empty; write its content or delete the file"),
        ("# only a comment\n", "x.yaml:1:1: the file is empty"),
        (b"a: 1\nb: \xff\n", "x.yaml:2:4: not UTF-8 text; save the file as UTF-8"),
        ("[" * 50, "x.yaml:1:21: nested more than 20 deep; make the structure flatter"),
    ],
)
def test_unacceptable_yaml_is_refused_at_its_place(text: str | bytes, expected: str) -> None:
    assert refusal(text)[0].startswith(expected)


def test_all_duplicates_and_tags_of_a_file_are_told_at_once() -> None:
    assert refusal("a: 1\nb: &k 2\na: !x 3\nc: *k\n") == [
        "x.yaml:2:4: anchor '&k'; remove it; anchors aren't used here",
        "x.yaml:3:1: 'a' stands twice (first on line 1); keep one of them",
        "x.yaml:3:4: tag '!x'; remove it; write plain values only",
        "x.yaml:4:4: alias '*k'; write the value out; no aliases here",
    ]


def test_a_file_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    with pytest.raises(ContentError) as caught:
        load_yaml(missing)
    assert str(caught.value) == (
        f"{missing}:1:1: can't read the file (No such file or directory); "
        "check the path and its rights"
    )
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ContentError, match="larger than 256 KiB; split the file"):
        load_yaml(large)


@pytest.mark.slow
def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1\n#".ljust(MAX_BYTES, b"-"))
    assert load_yaml(path).data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("due: 4 h\n", ["x.yaml:1:1: 'title' is missing; add 'title: …' (what people see)"]),
        ("titel: x\ndue: 4 h\n", ["x.yaml:1:1: unknown key 'titel'; did you mean 'title'?"]),
        (
            "title: x\ndue: 4 h\nzzz: 1\n",
            [
                (
                    "x.yaml:3:1: unknown key 'zzz'; use one of: by_place, count, day, due, flag, "
                    "role, rule, tags, title"
                )
            ],
        ),
        (
            "title: x\ndue: 4hours\n",
            ["x.yaml:2:6: '4hours' doesn't have the right form; write '4 h'"],
        ),
        (
            "title: 12\ndue: 4 h\n",
            ["x.yaml:1:8: expected text, found '12'; put quotes around it"],
        ),
        (
            "title:\ndue: 4 h\n",
            ["x.yaml:1:1: expected text, found nothing; write text"],
        ),
        (
            "title: x\ndue: 4 h\nflag: yes\n",
            ["x.yaml:3:7: expected true or false, found 'yes'; write true or false"],
        ),
        (
            "title: x\ndue: 4 h\nrole: legl\n",
            ["x.yaml:3:7: 'legl' isn't known here; did you mean 'legal'?"],
        ),
        ("title: x\ndue: 4 h\ncount: 0\n", ["x.yaml:3:8: '0' is less than 1; change it to fit"]),
        ("title: x\ndue: 4 h\ntags: []\n", ["x.yaml:3:7: the list is empty; change it to fit"]),
        (
            "title: x\ndue: 4 h\ntags: [a, a]\n",
            ["x.yaml:3:7: an item stands twice in this list; keep one of them"],
        ),
        (
            "title: x\ndue: 4 h\nday: 2026-02-30\n",
            ["x.yaml:3:6: '2026-02-30' isn't a valid date; write it as date"],
        ),
        (
            "title: x\ndue: 4 h\nrule: {kind: business, hours: 3}\n",
            [
                "x.yaml:3:7: 'days' is missing; add 'days: …'",
                "x.yaml:3:24: unknown key 'hours'; use one of: days, kind",
            ],
        ),
        (
            "title: x\ndue: 4 h\nby_place: {us: 1}\n",
            ["x.yaml:3:12: the key 'us' isn't allowed; it must match ^[A-Z]{2}$"],
        ),
        ("- x\n", ["x.yaml:1:1: expected a mapping (key: value), found a list; write a mapping"]),
    ],
)
def test_schema_faults_name_place_and_remedy(text: str, expected: list[str]) -> None:
    found = faults(text)
    assert [line[: len(want)] for line, want in zip(found, expected, strict=True)] == expected


def test_every_fault_of_a_file_is_listed_in_reading_order() -> None:
    found = faults("count: x\nrole: 5\ntags: y\n")
    assert [line.split(" ")[0] for line in found] == [
        "x.yaml:1:1:",
        "x.yaml:1:1:",
        "x.yaml:1:8:",
        "x.yaml:2:7:",
        "x.yaml:3:7:",
    ]


def test_suggestions_are_the_nearest_word_or_all_of_them() -> None:
    assert nearest("comander", ["commander", "legal"]) == "commander"
    assert nearest("zzz", ["commander", "legal"]) is None
    assert suggest("zzz", ["legal", "commander"]) == "use one of: commander, legal"


def test_of_many_options_only_the_nearest_few_are_listed() -> None:
    options = [f"option_{number}" for number in range(54)] + ["zyx"]
    told = suggest("zwx", options)
    assert told == "did you mean 'zyx'?"
    told = suggest("qqqqqqqqqqqqq", options)
    assert told.startswith("use one of: option_")
    assert told.endswith(", … (55 in all)")
    assert told.count(",") == MANY


@pytest.mark.slow
@pytest.mark.parametrize("name", ["us_pa.yaml", "eu_dora.yaml", "_shared.yaml"])
def test_the_fast_parser_reads_as_the_slow_one_does(name: str) -> None:
    path = Path(__file__).resolve().parents[2] / "playbooks" / "obligations" / name
    text = path.read_text("utf-8") + "\nlast: 'é “quoted”' # comment\nblock: |\n  two\n  lines\n"
    fast, slow = Reader(), Reader()
    assert fast.read(text) == slow._document(yaml.parse(text, Loader=yaml.SafeLoader))
    assert (fast.values, fast.keys) == (slow.values, slow.keys)
    assert fast.problems == slow.problems == []


@pytest.mark.parametrize("name", ["playbook", "organisation"])
def test_our_schemas_are_valid_json_schema(name: str) -> None:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only this test needs it

    Draft202012Validator.check_schema(load_schema(name))
