"""The custody part of a log as CASE/UCO JSON-LD, for other tools; derived, never authoritative.

Decides how entries become terms of CASE 1.x and UCO 1.x (caseontology.org,
unifiedcyberontology.org): the log is an Investigation, each entry about evidence an
InvestigativeAction, each artifact a File with its SHA-256, each numbered item that has a file a
ProvenanceRecord. No personal data: openings aren't read.
Identifiers are UUIDs of version 5 over the log's origin, so that the same log gives the same
document. Where this document and the log differ, the log is right.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection

from evidence_store import events, log, notes
from evidence_store.entry import Entry, format_ts

CONTEXT = {
    "kb": "urn:uuid:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "uco-vocabulary": "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_CUSTODY = ("evidence.", "hold.", "message.preserved", "bundle.exported", events.ERASED)
WORDS = sorted(word for word in events.EVENTS if word.startswith(_CUSTODY))


def document(connection: Connection, *, checkpoint: notes.Checkpoint) -> Iterator[bytes]:
    """Yield the document over the entries that `checkpoint` covers, one line for each node.

    Memory grows with the number of artifacts, items and actors, not of entries.
    """
    entries = log.entries(connection, origin=checkpoint.origin, only=WORDS)
    covered = (found for found in entries if found.seq < checkpoint.size)
    first = next(log.entries(connection, origin=checkpoint.origin, limit=1))
    yield from render(covered, first=first, checkpoint=checkpoint)


def render(
    entries: Iterable[Entry], *, first: Entry, checkpoint: notes.Checkpoint
) -> Iterator[bytes]:
    """Yield the JSON-LD document of these entries as lines of UTF-8."""
    yield b'{"@context":' + _json(CONTEXT) + b',"@graph":[\n'
    nodes = _Nodes(checkpoint.origin)
    for node in nodes.of(entries):
        yield _json(node) + b",\n"
    yield _json(_investigation(first, checkpoint, about=nodes.things))
    yield b"\n]}\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _investigation(
    first: Entry, checkpoint: notes.Checkpoint, *, about: Iterable[str]
) -> dict[str, Any]:
    held = [_ref(name) for name in about]
    covered = f"{checkpoint.size} entries, Merkle root (RFC 6962) {checkpoint.root.hex()}"
    return {
        "@id": _id(checkpoint.origin, "investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:name": checkpoint.origin,
        "uco-core:objectCreatedTime": _time(first),
        "uco-core:description": f"Derived from the evidence log: {covered}. The log decides.",
    } | ({"uco-core:object": held} if held else {})


def _id(origin: str, *parts: object) -> str:
    namespace: UUID = uuid5(NAMESPACE_URL, f"evidence-log:{origin}")
    return f"kb:{uuid5(namespace, '/'.join(map(str, parts)))}"


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _time(found: Entry) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": format_ts(found.ts)}


class _Nodes:
    """Makes nodes of entries; remembers what was already described, and what came before."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.things: dict[str, None] = {}
        self._before: str | None = None

    def of(self, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        """Yield the nodes of these entries, each thing once."""
        for found in entries:
            yield from self._new(_actor(self._origin, found.actor))
            results = []
            for ref in found.artifacts:
                file = _file(self._origin, ref.sha256, ref.size)
                results.append(file["@id"])
                yield from self._new(file)
            item = found.data.get("item")
            record = self._record(found, item, results) if isinstance(item, int) else None
            if record is not None:
                yield record
            yield self._action(found, results, item)

    def _new(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if node["@id"] not in self.things:
            self.things[node["@id"]] = None
            yield node

    def _record(self, found: Entry, item: int, results: list[str]) -> dict[str, Any] | None:
        """Describe an item the first time that it has bytes; UCO asks for an object in it."""
        name = _id(self._origin, "item", item)
        if name in self.things or not results:
            return None
        self.things[name] = None
        return {
            "@id": name,
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": f"E-{item}",
            "uco-core:objectCreatedTime": _time(found),
            "uco-core:object": [_ref(one) for one in results],
        }

    def _action(self, found: Entry, results: list[str], item: object) -> dict[str, Any]:
        name = _id(self._origin, "entry", found.seq)
        record = _id(self._origin, "item", item)
        about = [record] if record in self.things else []
        node: dict[str, Any] = {
            "@id": name,
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": found.event,
            "uco-core:description": f"Entry {found.seq} of the log, leaf hash {found.leaf}",
            "uco-action:startTime": _time(found),
            "uco-action:endTime": _time(found),
            "uco-action:performer": _ref(_id(self._origin, "actor", found.actor)),
        }
        gives = found.event in ("evidence.collected", "evidence.derived", "message.preserved")
        held = [_ref(one) for one in [*results, *about]]
        if held:
            node["uco-action:result" if gives else "uco-action:object"] = held
        if self._before is not None:
            node["case-investigation:wasInformedBy"] = _ref(self._before)
        self._before = name
        return node


def _actor(origin: str, actor: str) -> dict[str, Any]:
    return {
        "@id": _id(origin, "actor", actor),
        "@type": "uco-identity:Identity",
        "uco-core:name": actor,
        "uco-core:description": "Pseudonymous id in the log; who it is, is outside the log.",
    }


def _file(origin: str, sha256: str, size: int) -> dict[str, Any]:
    digest = {
        "@id": _id(origin, "hash", sha256),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": "SHA256",
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": sha256},
    }
    content = {
        "@id": _id(origin, "content", sha256),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": digest,
        "uco-observable:sizeInBytes": size,
    }
    name = {
        "@id": _id(origin, "name", sha256),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": sha256,
        "uco-observable:filePath": f"data/artifacts/{sha256}",
        "uco-observable:sizeInBytes": size,
    }
    return {
        "@id": _id(origin, "file", sha256),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [content, name],
    }
