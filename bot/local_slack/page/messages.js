// The list of messages: each is drawn once and again only when it has changed.
import { ask, fill, h, menu, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { icon } from "./icons.js";
import { clockTime, dayName, emoji, mrkdwn } from "./text.js";

const QUIET = /^(channel|group)_/;
const typed = new Map(); // ts -> what was chosen in a message

export function avatar(person, size = "") {
  if (!person) return h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, "S");
  if (person.is_bot) return h("span", { class: `avatar app-icon ${size}`, "aria-hidden": "true" });
  const letters = person.real_name.split(" ").map((w) => w[0]).join("").slice(0, 2);
  return h("span", { class: `avatar ${size}`, colour: person.colour, "aria-hidden": "true" }, letters);
}

export function makeMessages(page) {
  const list = h("div", { class: "messages", role: "log", "aria-label": "Messages", tabindex: "0" });
  const drawn = new Map();
  let order = null;
  let channelShown = "";
  let atEnd = true;
  list.addEventListener("scroll", () => { atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120; });
  list.addEventListener("load", () => { if (atEnd) list.scrollTop = list.scrollHeight; }, true);

  function context(message) {
    if (!typed.has(message.ts)) typed.set(message.ts, {});
    return {
      me: page.me, values: typed.get(message.ts),
      act: (block, element, value) => ask("/box/act/click", {
        as: page.me, target: { channel: message.channel, ts: message.ts }, action_id: element.action_id, block_id: block.block_id, value,
      }).catch((problem) => toast(problem.message)).then(page.refresh),
    };
  }

  function attachment(item, ctx) {
    const bar = h("div", { class: "attachment" });
    if (item.color) bar.style.borderLeftColor = /^[0-9a-f]{6}$/i.test(item.color) ? `#${item.color}` : { good: "#2e8b57", warning: "#daa038", danger: "#a30200" }[item.color] || item.color;
    return fill(bar, item.pretext && h("p", {}, mrkdwn(item.pretext)), item.title && h("strong", {}, mrkdwn(item.title)),
      item.blocks ? renderBlocks(item.blocks, ctx) : h("div", {}, mrkdwn(item.text || item.fallback || "")),
      (item.fields || []).map((f) => h("div", {}, h("strong", {}, f.title), " ", mrkdwn(f.value))));
  }

  function file(item) {
    if (item.mode === "tombstone") return h("div", { class: "file" }, "This file was deleted.");
    const href = `/box/file/${encodeURIComponent(item.id)}?as=${encodeURIComponent(page.me)}`;
    const size = item.size < 1024 ? `${item.size} bytes` : item.size < 1048576 ? `${Math.round(item.size / 1024)} KB` : `${(item.size / 1048576).toFixed(1)} MB`;
    return h("div", { class: "file-box" },
      h("a", { class: "file", href, target: "_blank", rel: "noopener" },
        h("span", { class: "file-kind", "aria-hidden": "true" }, (item.filetype || "file").slice(0, 4).toUpperCase()),
        h("span", {}, h("strong", {}, item.title || item.name), h("small", {}, `${item.name} · ${size} · private`))),
      /^image\/(png|jpeg|gif|webp)$/.test(item.mimetype) && h("a", { href, target: "_blank", rel: "noopener" }, h("img", { class: "preview", src: href, alt: item.name })));
  }

  function actionsOf(message, pinned) {
    const again = (what) => () => ask(`/box/act/${what}`, { as: page.me, channel: message.channel, ts: message.ts }).catch((p) => toast(p.message)).then(page.refresh);
    const items = page.state.app.message_shortcuts.map((s) => ({
      text: s.name, note: page.state.app.name,
      run: () => ask("/box/act/message_shortcut", { as: page.me, callback_id: s.callback_id, channel: message.channel, ts: message.ts }).then(page.refresh),
    }));
    items.push({ text: "Reply in thread", run: () => page.composer.setThread(message) });
    items.push(pinned ? { text: "Unpin", run: again("unpin") } : { text: "Pin to channel", run: again("pin") });
    return items;
  }

  function draw(message, follows, pinned) {
    const person = page.state.people[message.user];
    const name = person?.real_name || "Slackbot";
    const time = h("time", { class: "when", title: new Date(Number(message.ts) * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC" }, clockTime(Number(message.ts)));
    if (QUIET.test(message.subtype || "")) {
      return h("div", { class: "line quiet-line", id: `m${message.ts}` }, avatar(person, "small"), h("span", {}, h("strong", {}, name), " ", mrkdwn(message.text.replace(`<@${message.user}> has `, ""))), time);
    }
    const ctx = context(message);
    const more = h("button", { type: "button", class: "more", "aria-haspopup": "menu", "aria-label": `Actions for the message of ${name} at ${time.textContent}` }, icon("more"));
    more.addEventListener("click", () => menu(more, actionsOf(message, pinned), "Message actions"));
    const classes = ["message", follows && "follows", message.is_ephemeral && "ephemeral", message.thread_ts && message.thread_ts !== message.ts && "reply", pinned && "pinned"].filter(Boolean).join(" ");
    return h("article", { class: classes, id: `m${message.ts}`, "data-ts": message.ts },
      pinned && h("p", { class: "flag" }, icon("pushpin"), " Pinned"),
      message.is_ephemeral && h("p", { class: "flag" }, icon("eyes"), " Only visible to you"),
      h("div", { class: "gutter" }, follows ? time : avatar(person)),
      h("div", { class: "content" },
        !follows && h("div", { class: "byline" }, h("strong", {}, name), person?.is_bot && h("span", { class: "app-tag" }, "APP"), h("span", { class: "job" }, person?.is_bot ? "" : person?.title), time),
        message.blocks ? renderBlocks(message.blocks, ctx) : message.text && h("div", { class: "words" }, mrkdwn(message.text)),
        (message.attachments || []).map((a) => attachment(a, ctx)),
        (message.files || []).map(file),
        message.edited && h("small", { class: "edited" }, "(edited)"),
        message.reactions && h("div", { class: "reactions" }, message.reactions.map((r) => h("span", { class: "reaction" }, emoji(r.name), " ", String(r.count)))),
        message.reply_count && h("p", { class: "thread-count" }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`)),
      !message.is_ephemeral && more);
  }

  // Replies stand under the message they answer.
  function arranged(messages) {
    const top = [];
    const replies = new Map();
    for (const m of messages) {
      if (m.thread_ts && m.thread_ts !== m.ts) replies.set(m.thread_ts, [...(replies.get(m.thread_ts) || []), m]);
      else top.push(m);
    }
    const known = new Set(top.map((m) => m.ts));
    const orphans = [...replies].filter(([ts]) => !known.has(ts)).flatMap(([, items]) => items);
    return [...top.flatMap((m) => [m, ...(replies.get(m.ts) || [])]), ...orphans];
  }

  function show(channel, messages) {
    const moved = channel.id !== channelShown;
    if (moved) { drawn.clear(); channelShown = channel.id; order = null; }
    const nodes = [];
    let before = null;
    let day = "";
    const pins = new Set(channel.pins);
    for (const message of arranged(messages)) {
      const today = dayName(Number(message.ts));
      const reply = Boolean(message.thread_ts && message.thread_ts !== message.ts);
      if (today !== day && !reply) { nodes.push(["day " + today, () => h("div", { class: "day", role: "separator" }, h("span", {}, today))]); before = null; day = today; }
      const follows = before && before.user === message.user && !QUIET.test(before.subtype || "") && !message.is_ephemeral && !before.is_ephemeral
        && Number(message.ts) - Number(before.ts) < 300 && !pins.has(message.ts) && !pins.has(before.ts) && Boolean(before.thread_ts) === Boolean(message.thread_ts);
      nodes.push([JSON.stringify([message, follows, pins.has(message.ts)]), () => draw(message, follows, pins.has(message.ts)), message.ts]);
      before = message;
    }
    const fresh = nodes.map(([key, make]) => {
      if (!drawn.has(key)) drawn.set(key, make());
      return drawn.get(key);
    });
    const keys = nodes.map(([key]) => key).join("\n");
    if (keys !== order) {
      const focus = document.activeElement?.closest?.(".message")?.getAttribute("data-ts");
      const action = document.activeElement?.getAttribute?.("data-action");
      if (!messages.length) fill(list, h("div", { class: "empty" }, h("h3", {}, channel.kind === "im" ? "The beginning of this conversation" : `The beginning of #${channel.name}`), h("p", {}, "Type a message, or / for a command.")));
      else fill(list, fresh);
      if (focus && !document.activeElement?.closest?.(".message")) list.querySelector(`[data-ts="${focus}"] ${action ? `[data-action="${CSS.escape(action)}"]` : ".more"}`)?.focus();
      order = keys;
      if (moved) atEnd = true;
      if (atEnd) list.scrollTop = list.scrollHeight;
    }
    for (const key of [...drawn.keys()]) if (!nodes.some(([k]) => k === key)) drawn.delete(key);
  }

  return { node: list, show };
}
