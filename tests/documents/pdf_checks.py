"""Checks of a finished PDF: the archive's rules, the screen reader's, and what a file may not do.

PDF/A is judged by pikepdf's validator, which knows the b-levels: for it our claim of PDF/UA is
taken out and "A" made "B" in memory. It approves only what it knows to conform. What it can't see,
the checks here look at one by one; each returns its faults in words, so that a test shows them all.
Whether a screen reader's user is well served, only a person can say.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Name, pdfa

_UA = re.compile(
    rb'<rdf:Description rdf:about="" xmlns:pdfuaid=.*?</pdfaExtension:schemas></rdf:Description>',
    re.DOTALL,
)

Faults = Iterator[str]
MANY_PAGES = 3
RUNS = (Name.JavaScript, Name.Launch, Name.SubmitForm, Name.ImportData, Name.GoToR)


def faults_of(content: bytes) -> list[str]:
    """Run every check; an empty list is a sound file."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [f"{check.__name__}: {one}" for check in CHECKS for one in check(pdf)]


def archive(pdf: pikepdf.Pdf) -> Faults:
    """PDF/A-3b by the validator; and the file claims 3a and UA-1."""
    xmp = pdf.Root.Metadata.read_bytes()
    if b'pdfaid:part="3"' not in xmp or b'pdfaid:conformance="A"' not in xmp:
        yield "doesn't claim PDF/A-3a"
    if b'pdfuaid:part="1"' not in xmp:
        yield "doesn't claim PDF/UA-1"
    if xmp.count(b"<rdf:RDF") != 1:
        yield "has more than one rdf:RDF"
    plain = _UA.sub(b"", xmp).replace(b'pdfaid:conformance="A"', b'pdfaid:conformance="B"')
    stream = pikepdf.Stream(pdf, plain)
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    kept = pdf.Root.Metadata
    pdf.Root.Metadata = pdf.make_indirect(stream)
    yield from (str(one) for one in pdfa.check(pdf, "3b").findings)
    pdf.Root.Metadata = kept


def head(pdf: pikepdf.Pdf) -> Faults:
    """Tagged, in a language, with a title that readers show."""
    root = pdf.Root
    if not bool(root.MarkInfo.Marked):
        yield "isn't marked as tagged"
    if "/StructTreeRoot" not in root:
        yield "has no structure tree"
    if not str(root.get("/Lang", "")):
        yield "has no language"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "doesn't show its title"
    title = str(pdf.docinfo.get("/Title", ""))
    with pdf.open_metadata() as meta:
        if not title or meta.get("dc:title") != title:
            yield f"has the title {title!r}, and {meta.get('dc:title')!r} in its metadata"
    if not re.search(r"environment [0-9a-f]{16}$", str(pdf.docinfo.get("/Creator", ""))):
        yield "doesn't say what made it"


def pages(pdf: pikepdf.Pdf) -> Faults:
    """Tab order follows the structure, and every drawn thing is tagged or an artifact."""
    tree = pdf.Root.StructTreeRoot
    parents = list(tree.ParentTree.Nums)
    by_page = {int(parents[i]): parents[i + 1] for i in range(0, len(parents), 2)}
    read = {one.objgen for one in elements(pdf)}
    for number, page in enumerate(pdf.pages, 1):
        if page.obj.get("/Tabs") != Name.S:
            yield f"page {number} has no tab order"
        if "/StructParents" not in page.obj:
            yield f"page {number} has no key to the structure"
            continue
        owners = by_page[int(page.obj.StructParents)]
        for mcid in _marked(page):
            if mcid is None:
                yield f"page {number} draws something that is neither tagged nor an artifact"
            elif mcid >= 0 and owners[mcid].objgen not in read:
                yield f"page {number} has tagged content that is in no element"


_DRAWS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh"}


def _marked(page: pikepdf.Page) -> Iterator[int | None]:
    """Under what each drawing operator stands: an MCID, -1 for an artifact, None for nothing."""
    stack: list[int | None] = []
    for found in pikepdf.parse_content_stream(page):
        operator, operands = str(found.operator), list(found.operands)
        if operator == "BDC" and isinstance(operands[1], pikepdf.Dictionary):
            stack.append(int(operands[1].get("/MCID", -1)))
        elif operator in {"BMC", "BDC"}:
            stack.append(-1 if operands[0] == Name.Artifact else None)
        elif operator == "EMC":
            stack.pop()
        elif operator in _DRAWS:
            yield next((one for one in reversed(stack) if one is not None), None)


def elements(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every element of the structure, in reading order."""
    waiting = [pdf.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop(0)
        if "/S" in one:
            yield one
        kids = one.get("/K", [])
        kids = kids if isinstance(kids, pikepdf.Array) else [kids]
        found = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
        waiting[:0] = found


def structure(pdf: pikepdf.Pdf) -> Faults:
    """Headings in order, pictures in words, header cells that say what they head."""
    last = 0
    for one in elements(pdf):
        kind = str(one.S)
        if re.fullmatch(r"/H[1-6]", kind):
            level = int(kind[2])
            if level > last + 1:
                yield f"a heading of level {level} follows one of level {last}"
            last = level
        elif kind == "/Figure" and not str(one.get("/Alt", "")).strip():
            yield "a picture has no words"
        elif kind == "/TH" and str(one.A.get("/Scope", "")) not in {"/Row", "/Column"}:
            yield "a header cell doesn't say whether it heads a row or a column"
        elif kind == "/Table":
            yield from _table(one)


def _table(table: Any) -> Faults:
    cells = list(_cells(table))
    headers = {str(one.get("/ID", "")) for one in cells if one.S == Name.TH}
    if not headers:
        yield "a table has no header cell"
    for cell in cells:
        if cell.S == Name.TD:
            named = [str(one) for one in cell.get("/A", {}).get("/Headers", [])]
            if not named or not set(named) <= headers:
                yield "a cell names no header"


def _cells(element: Any) -> Iterator[Any]:
    for kid in element.get("/K", []):
        if not isinstance(kid, pikepdf.Dictionary) or "/S" not in kid or Name.Table == kid.S:
            continue
        if kid.S in {Name.TH, Name.TD}:
            yield kid
        else:
            yield from _cells(kid)


def links(pdf: pikepdf.Pdf) -> Faults:
    """Each link says where it leads, is printed, and is in the structure."""
    for number, page in enumerate(pdf.pages, 1):
        for one in page.obj.get("/Annots", []):
            if not str(one.get("/Contents", "")).strip():
                yield f"a link on page {number} has no words"
            if not int(one.get("/F", 0)) & 4:
                yield f"a link on page {number} isn't printed"
            if "/StructParent" not in one:
                yield f"a link on page {number} isn't in the structure"


def fonts(pdf: pikepdf.Pdf) -> Faults:
    """Every font is inside the file, and its letters can be read back."""
    found = 0
    for one in pdf.objects:
        if not isinstance(one, pikepdf.Dictionary) or one.get("/Type") != Name.Font:
            continue
        inner = one.get("/DescendantFonts")
        if inner is None:
            continue
        found += 1
        descriptor = inner[0].FontDescriptor
        if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"{one.BaseFont} isn't embedded"
        if "/ToUnicode" not in one:
            yield f"{one.BaseFont} can't be read back"
    if not found:
        yield "no font was looked at"


def harmless(pdf: pikepdf.Pdf) -> Faults:
    """Nothing runs, nothing is locked, nothing is started."""
    if pdf.is_encrypted:
        yield "is encrypted"
    for key in ("/OpenAction", "/AA", "/AcroForm"):
        if key in pdf.Root:
            yield f"has {key}"
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary):
            if "/JS" in one or one.get("/A", {}).get("/S") in RUNS:
                yield "has an action that runs"
            if one.get("/Type") == Name.Filespec and one.get("/AFRelationship") != Name.Data:
                yield "has an attachment that isn't data"


def outline(pdf: pikepdf.Pdf) -> Faults:
    """A long paper has bookmarks."""
    if len(pdf.pages) > MANY_PAGES and "/Outlines" not in pdf.Root:
        yield f"has {len(pdf.pages)} pages and no bookmarks"


CHECKS: tuple[Callable[[pikepdf.Pdf], Faults], ...] = (
    archive,
    head,
    pages,
    structure,
    links,
    fonts,
    harmless,
    outline,
)
