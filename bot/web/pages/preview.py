"""The preview of a notice: the very page that becomes the PDF, laid out as a sheet of paper.

It stands in a sandboxed frame with a policy of its own: inline style, because it carries its
styles; fonts from us; no script or form at all.
"""

from html import escape

from fastapi.responses import HTMLResponse

from bot.documents.html import RenderedNotice
from bot.documents.pdf import SCHEME

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; img-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-top-navigation-by-user-activation"
)

# Paged media have margins, running heads and a mark behind the text; a screen has none of them,
# so that they are made here from the same elements.
PAPER = """
@media screen {
  html { background: #5b626c; }
  body { position: relative; box-sizing: border-box; max-width: 210mm; min-height: 297mm;
         margin: 1.5rem auto; padding: 24mm 22mm 26mm; background: #fff;
         box-shadow: 0 1px 8px rgb(0 0 0 / 40%); }
  .fact { color: inherit; text-decoration: underline dotted #6b7280; text-underline-offset: 2px; }
  .fact:hover, .fact:focus { background: #e6eefc; }
  .running { position: absolute; }
  .mark { top: 11mm; right: 22mm; }
  .head { display: none; }
  .foot { bottom: 11mm; left: 22mm; }
}
@media screen and (max-width: 40rem) {
  body { margin: 0; padding: 18mm 6vw 22mm; min-height: 0; }
  .mark { top: 6mm; right: 6vw; }
  .foot { left: 6vw; bottom: 8mm; }
  .letterhead, .sender { flex-wrap: wrap; gap: 4mm; }
  .letterhead .where { text-align: left; }
  .items, .items tbody { display: block; }
  .items tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; }
  .items th { width: auto; grid-column: 1 / -1; padding: 1.5mm 0 0; }
  .items td { border-top: none !important; }
  .counts tr { display: table-row; }
}
"""

# Fixed, so that it stays in sight however far one scrolls.
MARK = """
.mark { color: #a3211b; font: 600 0.75rem/1.3 "Source Sans 3", sans-serif; text-align: right;
        white-space: pre-line; }
.behind { position: fixed; inset: 0; display: grid; place-items: center; z-index: 1;
          pointer-events: none; font: 600 min(16vw, 9rem)/1.1 "Source Sans 3", sans-serif;
          letter-spacing: 0.1em; text-align: center; white-space: pre-line; color: #a3211b;
          opacity: 0.08; transform: rotate(-54deg); }
"""


def preview_page(rendered: RenderedNotice, *, home: str) -> HTMLResponse:
    """Answer with the notice as it looks, with the marks that its pages will bear.

    A fact in the text leads to its source on the notice's own page, `home`.
    """
    html = rendered.html.replace(SCHEME, "/static/")
    html = html.replace('href="#fact-', f'target="_parent" href="{home}#fact-')
    html = html.replace("</head>", f"<style>{PAPER}{MARK}</style>\n</head>", 1)
    marking = rendered.marking
    if not marking.plain:
        words = escape("\n".join(marking.words))
        behind = escape("\n".join(marking.watermark))
        marks = f'<div class="running mark">{words}</div>\n'
        marks += f'<div class="behind" aria-hidden="true">{behind}</div>'
        html = html.replace("<body>", f"<body>\n{marks}", 1)
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})
