// The modal on top of a person's stack: shows it, sends it, shows what came back.
import { ask, dialog, fill, h } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { textObject } from "./text.js";

let box = null;
let shown = "";
let leave = () => {}; // what Escape does
const typed = new Map(); // view id -> what was typed

export function showModal(me, stack, refresh) {
  const view = stack[stack.length - 1];
  if (!view) {
    box?.remove();
    box = null;
    shown = "";
    typed.clear();
    return;
  }
  const key = `${view.id} ${view.hash}`;
  if (key === shown && box) return;
  const fresh = !shown.startsWith(`${view.id} `);
  shown = key;
  draw(me, view, stack.length, { errors: {}, notice: "" }, refresh, fresh);
}

function draw(me, view, depth, outcome, refresh, fresh) {
  const values = typed.get(view.id) || {};
  typed.set(view.id, values);
  const known = new Set(view.blocks.map((b) => b.block_id));
  for (const name of Object.keys(values)) if (!known.has(name.split("/")[0])) delete values[name];
  const close = async () => {
    await ask("/box/act/close", { as: me, view: view.id });
    refresh();
  };
  if (!box) box = dialog({ label: view.title.text, onclose: () => leave() });
  leave = close;
  box.setAttribute("aria-label", view.title.text);
  const restore = document.activeElement?.closest("[data-block]")?.getAttribute("data-block");
  const ctx = {
    me, values, errors: outcome.errors, form: true,
    act: (block, element, value) => ask("/box/act/click", {
      as: me, target: { id: view.id }, action_id: element.action_id, block_id: block.block_id, value, typed: values,
    }).then(refresh),
  };
  const send = h("button", { type: "submit", class: "button primary" }, view.submit ? textObject(view.submit) : "Submit");
  const submit = async (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-busy")) return;
    send.setAttribute("aria-busy", "true");
    try {
      const done = await ask("/box/act/submit", { as: me, view: view.id, values });
      if (!done.ok) draw(me, view, depth, done, refresh, false);
    } catch (problem) {
      draw(me, view, depth, { errors: {}, notice: problem.message }, refresh, false);
    }
    send.removeAttribute("aria-busy");
    refresh();
  };
  fill(box, h("form", { onsubmit: submit, novalidate: true },
    h("header", { class: "modal-head" },
      depth > 1 && h("button", { type: "button", class: "quiet", "aria-label": "Back", onclick: close }, "‹"),
      h("span", { class: "app-icon", "aria-hidden": "true" }),
      h("h2", {}, textObject(view.title)),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, "×")),
    outcome.notice && h("p", { class: "trouble", role: "alert" }, outcome.notice),
    h("div", { class: "modal-body" }, renderBlocks(view.blocks, ctx)),
    h("footer", { class: "modal-foot" },
      h("button", { type: "button", class: "button", onclick: close }, view.close ? textObject(view.close) : "Cancel"),
      view.submit && send)));
  const bad = box.querySelector(".bad .field, .bad input");
  if (bad) bad.focus();
  else if (fresh) (box.querySelector("[data-first], .modal-body .field, .modal-body input") || send).focus();
  else if (restore) box.querySelector(`[data-block="${CSS.escape(restore)}"] .field, [data-block="${CSS.escape(restore)}"] input`)?.focus();
}
