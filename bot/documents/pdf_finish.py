"""What WeasyPrint leaves to do, so that one file is PDF/A-3a (archive) and PDF/UA-1 (read aloud).

Decides three things: the file says that it is both; heads, feet and marks are artifacts, which
aren't read aloud; each table header says what it heads. Sources: ISO 19005-3, ISO 14289-1.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pydyf

# Written as it stands: an XML library would rename the prefixes, and ISO 19005-3, 6.6.2.3.3 fixes
# them. The schema must be described because PDF/A-3 doesn't know PDF/UA's property.
_UA_XMP = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" \
pdfuaid:part="1" />\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed\
</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""

_END = b"</rdf:RDF>"


def claim_accessibility(metadata: Any) -> None:
    """Have a document's XMP say PDF/UA-1 beside PDF/A, in the one `rdf:RDF` that is allowed."""
    generate: Callable[..., bytes] = metadata.generate_rdf_metadata

    def generate_both(*args: Any, **kwargs: Any) -> bytes:
        before, end, after = generate(*args, **kwargs).rpartition(_END)
        return before + _UA_XMP + end + after

    metadata.generate_rdf_metadata = generate_both


def finish(_document: Any, pdf: pydyf.PDF) -> None:
    """Mend the PDF before it is written; handed to WeasyPrint as its `finisher`."""
    for found in pdf.objects:
        if isinstance(found, pydyf.Dictionary):
            _drop_empty(found)
        elif isinstance(found, pydyf.Stream) and isinstance(
            found.extra.get("Resources"), pydyf.Dictionary
        ):
            _drop_empty(found.extra["Resources"])
    if "StructTreeRoot" not in pdf.catalog:
        return
    tree = _object(pdf, pdf.catalog["StructTreeRoot"])
    read: set[int] = set()
    for top in tree["K"]:
        _visit(pdf, _object(pdf, top), read, in_head=False)
    _make_artifacts(pdf, _object(pdf, tree["ParentTree"]), read)
    for found in pdf.objects:
        loose = isinstance(found, pydyf.Dictionary) and found.get("Type") == "/StructElem"
        if loose and found.number not in read:
            found.clear()  # nothing refers to it any more


def _drop_empty(resources: pydyf.Dictionary) -> None:
    """Take out empty lists of patterns and shadings, which mean nothing and puzzle validators."""
    for key in ("Pattern", "Shading"):
        if key in resources and isinstance(resources[key], dict) and not resources[key]:
            del resources[key]


def _object(pdf: pydyf.PDF, reference: bytes | str) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _visit(pdf: pydyf.PDF, element: Any, read: set[int], *, in_head: bool) -> None:
    """Note every element that is read aloud, and say which way a table header heads."""
    read.add(element.number)
    kind = element["S"]
    in_head = in_head or kind == "/THead"
    if kind == "/TH":
        element["A"]["Scope"] = "/Column" if in_head else "/Row"
    for kid in element["K"]:
        if not isinstance(kid, int):
            found = _object(pdf, kid)
            if "S" in found:
                _visit(pdf, found, read, in_head=in_head)


def _make_artifacts(pdf: pydyf.PDF, parents: Any, read: set[int]) -> None:
    """Turn what is drawn in the margins into artifacts; WeasyPrint tags it and leaves it loose."""
    kids = pdf.pages["Kids"][::3]
    for number, page in enumerate(pdf.objects[one] for one in kids):
        nums = parents["Nums"][2 * number + 1]
        loose = {i for i, one in enumerate(nums) if int(one.split()[0]) not in read}
        if not loose:
            continue
        for index in loose:
            nums[index] = "null"
        stream = _object(pdf, page["Contents"]).stream
        for place, mcid in list(_marked(stream)):
            if mcid in loose:
                stream[place - 2 : place + 1] = ["/Artifact", b"", b"BMC"]


def _marked(stream: list[Any]) -> Iterator[tuple[int, int]]:
    """Find each `/Tag <</MCID n>> BDC` in a page's operators: place of `BDC`, and n."""
    for place, operator in enumerate(stream):
        if operator == b"BDC":
            data = stream[place - 1].data
            found = re.search(rb"/MCID (\d+)", data)
            if found:
                yield place, int(found.group(1))
