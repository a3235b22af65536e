// The composer: messages, slash commands with suggestions, mentions, files, shortcuts.
import { ask, fill, h, menu, toast } from "./dom.js";
import { icon } from "./icons.js";

export function makeComposer(page) {
  const { me } = page;
  let thread = null;
  let options = [];
  let picked = -1;
  const drafts = new Map();
  let channel = "";

  const box = h("textarea", {
    rows: 1, class: "say", "aria-label": "Message", role: "combobox", "aria-expanded": "false",
    "aria-controls": "suggestions", "aria-autocomplete": "list", maxlength: 4000,
  });
  const list = h("div", { id: "suggestions", class: "suggestions", role: "listbox", hidden: true });
  const replying = h("div", { class: "replying", hidden: true });
  const picker = h("input", { type: "file", hidden: true, "aria-hidden": "true", tabindex: "-1" });
  const zap = h("button", { type: "button", class: "tool", "aria-label": "Shortcuts", "aria-haspopup": "menu", title: "Shortcuts" }, icon("zap", { plain: true }));
  const clip = h("button", { type: "button", class: "tool", "aria-label": "Upload a file", title: "Upload a file", onclick: () => picker.click() }, icon("paperclip"));
  const go = h("button", { type: "button", class: "send", "aria-label": "Send" }, icon("send"));
  const node = h("div", { class: "composer" }, list, replying,
    h("div", { class: "composer-box" }, box, h("div", { class: "tools" }, zap, clip, picker, h("span", { class: "grow" }), go)));

  function setThread(message) {
    thread = message ? message.thread_ts || message.ts : null;
    replying.hidden = !thread;
    if (thread) fill(replying, "Replying in a thread ", h("button", { type: "button", class: "quiet", "aria-label": "Stop replying in the thread", onclick: () => setThread(null) }, "×"));
    box.focus();
  }

  function candidates() {
    const text = box.value;
    const { app, people } = page.state;
    if (text.startsWith("/")) {
      const [name, ...rest] = text.split(" ");
      if (!rest.length) return app.commands.filter((c) => c.name.startsWith(name)).map((c) => ({ fill: `${c.name} `, title: c.name, note: c.description, hint: c.usage_hint }));
      const command = app.commands.find((c) => c.name === name);
      const typedWords = rest.join(" ");
      const found = (command?.suggestions || []).filter((s) => s.text.startsWith(typedWords) && s.text !== typedWords.trim())
        .map((s) => ({ fill: `${name} ${s.text}`, title: `${name} ${s.text}`, note: s.description }));
      if (found.length) return found;
    }
    const at = text.match(/(?:^|\s)@([a-z]*)$/);
    if (at) return Object.values(people).filter((p) => p.name.startsWith(at[1]) && !p.is_bot).map((p) => ({ fill: `${text.slice(0, text.length - at[1].length)}${p.name} `, title: `@${p.name}`, note: `${p.real_name} – ${p.title}` }));
    return [];
  }

  function suggest() {
    options = candidates();
    picked = -1;
    list.hidden = !options.length;
    box.setAttribute("aria-expanded", String(Boolean(options.length)));
    box.removeAttribute("aria-activedescendant");
    fill(list, options.map((o, i) => h("button", { type: "button", id: `s${i}`, role: "option", tabindex: "-1", class: "suggestion", onclick: () => take(i) },
      h("strong", {}, o.title), o.hint && h("code", {}, o.hint), h("span", {}, o.note))));
    grow();
  }

  function mark(step) {
    picked = (picked + step + options.length) % options.length;
    for (const [i, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(i === picked));
    list.children[picked].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", `s${picked}`);
  }

  function take(index) {
    box.value = options[index].fill;
    box.focus();
    suggest();
  }

  function grow() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  }

  async function send() {
    const text = box.value.trim();
    if (!text || go.getAttribute("aria-busy")) return;
    go.setAttribute("aria-busy", "true");
    box.value = "";
    suggest();
    try {
      if (text.startsWith("/")) {
        const [command] = text.split(/\s/, 1);
        await ask("/box/act/slash", { as: me, channel, command, text: text.slice(command.length).trim() });
      } else {
        await ask("/box/act/post", { as: me, channel, text, thread_ts: thread });
        if (thread) setThread(null);
      }
    } catch (problem) {
      toast(`Not sent: ${problem.message}`);
      if (!box.value) box.value = text;
    }
    go.removeAttribute("aria-busy");
    page.refresh();
  }

  box.addEventListener("input", suggest);
  box.addEventListener("keydown", (event) => {
    if (!list.hidden && event.key === "ArrowDown") { event.preventDefault(); mark(1); return; }
    if (!list.hidden && event.key === "ArrowUp") { event.preventDefault(); mark(-1); return; }
    if (!list.hidden && event.key === "Escape") { list.hidden = true; return; }
    if (!list.hidden && event.key === "Tab" && !event.shiftKey) { event.preventDefault(); take(Math.max(picked, 0)); return; }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!list.hidden && picked >= 0) take(picked);
      else send();
    }
  });
  go.addEventListener("click", send);
  zap.addEventListener("click", () => menu(zap, [
    ...page.state.app.global_shortcuts.map((s) => ({ text: s.name, note: page.state.app.name, run: () => ask("/box/act/shortcut", { as: me, callback_id: s.callback_id }).then(page.refresh) })),
    { text: `Open ${page.state.app.name} Home`, run: () => page.open("home") },
  ], "Shortcuts"));
  picker.addEventListener("change", async () => {
    const [file] = picker.files;
    if (!file) return;
    const query = new URLSearchParams({ as: me, channel, name: file.name, comment: box.value.trim() });
    const answer = await fetch(`/box/upload?${query}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    if (!answer.ok) toast(`Not uploaded: ${(await answer.json()).error}`);
    else box.value = "";
    picker.value = "";
    page.refresh();
  });

  return {
    node, setThread,
    place(id, name, archived) {
      if (id !== channel) {
        drafts.set(channel, box.value);
        channel = id;
        box.value = drafts.get(id) || "";
        setThread(null);
        suggest();
      }
      box.placeholder = archived ? "This channel is archived" : `Message ${name}`;
      box.disabled = archived;
    },
  };
}
