// The panel that tells the workspace to misbehave, as Slack sometimes does.
import { ask, dialog, fill, h, toast } from "./dom.js";

const TRICKS = [
  ["Deliver the next command twice", { target: "inbound:slash_command", kind: "deliver_twice" }],
  ["Deliver the next click or submission twice", { target: "inbound:*", kind: "deliver_twice" }],
  ["Deliver the next action 4 seconds late", { target: "inbound:*", kind: "deliver_late", seconds: 4 }],
  ["Post the next message, then never answer", { target: "chat.postMessage", kind: "timeout_after_work" }],
  ["Lose the next message before posting it", { target: "chat.postMessage", kind: "timeout_before_work" }],
  ["Rate-limit the next three calls (429)", { target: "*", kind: "rate_limited", times: 3, retry_after: 1 }],
  ["Answer 500 to the next call", { target: "*", kind: "server_error" }],
  ["Refuse to create the next channel", { target: "conversations.create", kind: "api_error", code: "restricted_action" }],
  ["Slack is down until you clear this", { target: "*", kind: "down" }],
];

export function openMisbehave(page) {
  const box = dialog({ label: "Misbehave", onclose: () => box.remove() });
  const list = h("ul", { class: "faults" });
  const draw = async () => {
    const { faults } = await ask("/box/faults");
    fill(list, faults.length ? faults.map((f) => h("li", {}, h("code", {}, f.target), ` ${f.kind.replaceAll("_", " ")}`, f.times ? ` ×${f.times} ` : " until removed ",
      h("button", { type: "button", class: "quiet", "aria-label": `Remove ${f.kind} on ${f.target}`, onclick: () => fetch(`/box/faults/${f.id}`, { method: "DELETE" }).then(draw).then(page.refresh) }, "×")))
      : h("li", { class: "hint" }, "Nothing waits. Slack behaves."));
  };
  const add = (fault) => ask("/box/faults", fault).then(draw, (p) => toast(p.message)).then(page.refresh);
  fill(box, h("header", { class: "modal-head" }, h("h2", {}, "Misbehave"), h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: () => box.remove() }, "×")),
    h("div", { class: "modal-body" },
      h("p", {}, "Slack delivers twice, answers late, or fails half-way. Choose what goes wrong next and watch how the bot copes."),
      h("div", { class: "tricks" }, TRICKS.map(([words, fault]) => h("button", { type: "button", class: "button", onclick: () => add(fault) }, words))),
      h("h3", { class: "b-header" }, "Waiting"), list),
    h("footer", { class: "modal-foot" }, h("button", { type: "button", class: "button danger", onclick: () => fetch("/box/faults", { method: "DELETE" }).then(draw).then(page.refresh) }, "Clear all")));
  draw();
}
