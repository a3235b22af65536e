// Slack's mrkdwn, dates and emoji as DOM nodes.
import { h } from "./dom.js";
import { emojiIcon, withIcons } from "./icons.js";

const world = { people: {}, channels: {}, me: "", tz: "UTC", now: 0, openChannel: () => {} };
export function setWorld(values) { Object.assign(world, values); }

const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function safeUrl(url) {
  return /^(https?:|mailto:|tel:)/i.test(url) ? url : null;
}

export function link(url, label) {
  const href = safeUrl(decode(url));
  if (!href) return document.createTextNode(decode(label || url));
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, decode(label || url.replace(/^mailto:/, "")));
}

export function emoji(name) {
  return emojiIcon(name) || h("span", { class: "shortcode" }, `:${name}:`);
}

const words = (text) => withIcons(decode(text));

export function mention(id) {
  const person = world.people[id];
  const name = person ? person.real_name : id;
  return h("span", { class: id === world.me ? "mention me" : "mention", title: person?.title }, `@${name}`);
}

export function channelMention(id, label) {
  const name = world.channels[id] ?? label;
  if (!name) return h("span", { class: "mention" }, "#private-channel");
  return h("button", { type: "button", class: "mention", onclick: () => world.openChannel(id) }, `#${name}`);
}

const inZone = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: world.tz, ...options });
const dayKey = (unix) => inZone({ year: "numeric", month: "2-digit", day: "2-digit" }).format(unix * 1000);
export const clockTime = (unix) => inZone({ hour: "2-digit", minute: "2-digit" }).format(unix * 1000);

export function dayName(unix) {
  for (const [shift, name] of [[0, "Today"], [-86400, "Yesterday"], [86400, "Tomorrow"]]) {
    if (dayKey(unix) === dayKey(world.now + shift)) return name;
  }
  return inZone({ weekday: "long", day: "numeric", month: "long" }).format(unix * 1000);
}

function ago(unix) {
  const seconds = Math.round(unix - world.now);
  const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, "second");
}

export function formatDate(unix, pattern) {
  const at = unix * 1000;
  const forms = {
    date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
    date: { year: "numeric", month: "long", day: "numeric" },
    date_short: { year: "numeric", month: "short", day: "numeric" },
    date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
    date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
    day_divider_pretty: { weekday: "long", month: "long", day: "numeric" },
    time: { hour: "2-digit", minute: "2-digit" },
    time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "ago") return ago(unix);
    if (name === "date_num") return inZone(forms.date_num).format(at).split("/").reverse().join("-");
    if (name.endsWith("_pretty") && name !== "day_divider_pretty") {
      const day = dayName(unix);
      if (["Today", "Yesterday", "Tomorrow"].includes(day)) return day.toLowerCase();
      return inZone(forms[name.replace("_pretty", "")] || forms.date).format(at);
    }
    return forms[name] ? inZone(forms[name]).format(at) : whole;
  });
}

function dateNode(body) {
  const [spec, fallback] = body.split("|");
  const [, unix, pattern, url] = spec.split("^");
  if (!/^\d+$/.test(unix || "")) return decode(fallback || "");
  const utc = new Date(Number(unix) * 1000).toISOString().slice(0, 16).replace("T", " ");
  const shown = h("time", { datetime: new Date(Number(unix) * 1000).toISOString(), title: `${utc} UTC · shown in ${world.tz}` }, formatDate(Number(unix), decode(pattern)));
  return url ? h("a", { href: safeUrl(url), target: "_blank", rel: "noopener noreferrer" }, shown) : shown;
}

function special(body) {
  if (body.startsWith("@")) return mention(body.slice(1).split("|")[0]);
  if (body.startsWith("#")) { const [id, label] = body.slice(1).split("|"); return channelMention(id, label); }
  if (body.startsWith("!date^")) return dateNode(body);
  if (/^!(here|channel|everyone)/.test(body)) return h("span", { class: "mention" }, `@${body.slice(1).split("|")[0]}`);
  if (body.startsWith("!")) return decode(body.split("|")[1] || body);
  const [url, ...label] = body.split("|");
  return link(url, label.join("|"));
}

const INLINE = /`([^`\n]+)`|<([^<>\s][^<>]*)>|:([a-z0-9_+-]+(?:::[a-z0-9-]+)?):|(?<![\w*])\*(?![\s*])([^*\n]+?)(?<!\s)\*(?![\w*])|(?<![\w])_(?![\s_])([^\n]+?)(?<![\s])_(?!\w)|(?<![\w~])~(?![\s~])([^~\n]+?)(?<!\s)~(?![\w~])/g;

function inline(text) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(...words(text.slice(last, found.index)));
    const [, code, token, emojiName, bold, italic, strike] = found;
    if (code !== undefined) nodes.push(h("code", {}, decode(code)));
    else if (token !== undefined) nodes.push(special(token));
    else if (emojiName !== undefined) nodes.push(emoji(emojiName));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold)));
    else if (italic !== undefined) nodes.push(h("em", {}, inline(italic)));
    else nodes.push(h("s", {}, inline(strike)));
    last = found.index + found[0].length;
  }
  nodes.push(...words(text.slice(last)));
  return nodes;
}

export function mrkdwn(text) {
  const out = [];
  for (const [index, part] of String(text ?? "").split("```").entries()) {
    if (index % 2) { out.push(h("pre", {}, decode(part.replace(/^\n|\n$/g, "")))); continue; }
    let quote = null;
    for (const [n, line] of part.split("\n").entries()) {
      const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
      if (quoted) {
        if (!quote) { quote = h("blockquote"); out.push(quote); } else quote.append(h("br"));
        quote.append(...inline(quoted[1]));
        continue;
      }
      if (n && !quote) out.push(h("br"));
      quote = null;
      out.push(...inline(line));
    }
  }
  return h("span", { class: "mrkdwn" }, out);
}

export function textObject(value) {
  if (!value) return "";
  if (value.type === "mrkdwn") return mrkdwn(value.text);
  const parts = value.text.split(/:([a-z0-9_+-]+):/g);
  return h("span", { class: "plain" }, parts.map((part, i) => (i % 2 ? emoji(part) : withIcons(part))));
}

// Bridges a person's local wall time and unix seconds.
export function toLocalInput(unix) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    timeZone: world.tz, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(unix * 1000).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export function fromLocalInput(text) {
  if (!text) return null;
  const wanted = Date.parse(`${text}:00Z`) / 1000;
  let unix = wanted;
  for (let i = 0; i < 2; i += 1) unix += wanted - Date.parse(`${toLocalInput(unix)}:00Z`) / 1000;
  return unix;
}

export const zoneName = () => world.tz.split("/").pop().replaceAll("_", " ");
export const everyone = () => Object.values(world.people);
export const everyChannel = () => Object.entries(world.channels).filter(([, name]) => name);
