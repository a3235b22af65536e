// Block Kit as DOM nodes. `ctx` says where the blocks stand:
//   act(block, element, value)  send a click or choice;  values  what was typed (modals, Home, messages)
//   errors  field errors by block id;  me  the person's id;  form  true inside a modal
import { add, dialog, fill, h, menu } from "./dom.js";
import { icon, withIcons } from "./icons.js";
import { channelMention, emoji, everyChannel, everyone, formatDate, fromLocalInput, link, mention, mrkdwn, textObject, toLocalInput, zoneName } from "./text.js";

let serial = 0;
const uid = () => `f${(serial += 1)}`;
const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;
const optionsOf = (element) => element.options || (element.option_groups || []).flatMap((g) => g.options);

export function confirmThen(confirm, run) {
  if (!confirm) { run(); return; }
  const box = dialog({ label: confirm.title.text, narrow: true, onclose: () => box.remove() });
  fill(box, h("h2", {}, textObject(confirm.title)), h("p", {}, textObject(confirm.text)),
    h("div", { class: "modal-foot" },
      h("button", { type: "button", class: "button", onclick: () => box.remove() }, confirm.deny ? textObject(confirm.deny) : "Cancel"),
      h("button", { type: "button", class: `button ${confirm.style === "danger" ? "danger" : "primary"}`, onclick: () => { box.remove(); run(); } }, confirm.confirm ? textObject(confirm.confirm) : "OK")));
  box.querySelector(".primary, .danger").focus();
}

function initial(element) {
  switch (element.type) {
    case "static_select": case "radio_buttons": return element.initial_option?.value ?? null;
    case "multi_static_select": case "checkboxes": return (element.initial_options || []).map((o) => o.value);
    case "users_select": return element.initial_user ?? null;
    case "multi_users_select": return element.initial_users || [];
    case "conversations_select": return element.initial_conversation ?? null;
    case "multi_conversations_select": return element.initial_conversations || [];
    case "channels_select": return element.initial_channel ?? null;
    case "datepicker": return element.initial_date ?? null;
    case "timepicker": return element.initial_time ?? null;
    case "datetimepicker": return element.initial_date_time ?? null;
    default: return element.initial_value ?? null;
  }
}

function held(block, element, ctx) {
  const key = keyOf(block, element);
  return key in ctx.values ? ctx.values[key] : initial(element);
}

function keep(block, element, ctx, value, { act = true } = {}) {
  ctx.values[keyOf(block, element)] = value;
  const isInput = block.type === "input";
  if (act && (!isInput || block.dispatch_action)) confirmThen(element.confirm, () => ctx.act(block, element, value));
}

function label(element, block) {
  return element.accessibility_label || element.placeholder?.text || block.label?.text || block.text?.text || "Choose";
}

function button(block, element, ctx) {
  const style = element.style ? ` ${element.style}` : "";
  const press = async (event) => {
    const node = event.currentTarget;
    confirmThen(element.confirm, async () => {
      node.setAttribute("aria-busy", "true");
      await ctx.act(block, element, null);
      node.removeAttribute("aria-busy");
    });
  };
  if (element.url) {
    return h("a", { class: `button${style}`, href: /^https?:/i.test(element.url) ? element.url : "#", target: "_blank", rel: "noopener noreferrer", "aria-label": element.accessibility_label, onclick: () => ctx.act(block, element, null) }, textObject(element.text));
  }
  return h("button", { type: "button", class: `button${style}`, "data-action": element.action_id, "aria-label": element.accessibility_label, onclick: press }, textObject(element.text));
}

function choices(element, block, ctx) {
  if (element.type.includes("users")) return everyone().filter((p) => !p.is_bot).map((p) => ({ value: p.id, text: `${p.real_name} – ${p.title}` }));
  if (element.type.includes("conversations") || element.type === "channels_select") return everyChannel().map(([id, name]) => ({ value: id, text: `#${name}` }));
  return optionsOf(element).map((o) => ({ value: o.value, text: o.text.text }));
}

function select(block, element, ctx, attributes) {
  const current = held(block, element, ctx);
  const node = h("select", { ...attributes, class: "field", "aria-label": attributes.id ? null : label(element, block), onchange: () => keep(block, element, ctx, node.value || null) });
  node.append(h("option", { value: "" }, element.placeholder?.text || "Choose…"));
  const grouped = element.option_groups || [];
  for (const group of grouped) {
    node.append(h("optgroup", { label: group.label.text }, group.options.map((o) => h("option", { value: o.value }, o.text.text))));
  }
  if (!grouped.length) add(node, choices(element, block, ctx).map((o) => h("option", { value: o.value }, o.text)));
  node.value = current ?? "";
  return node;
}

function ticks(block, element, ctx, attributes, { radio = false } = {}) {
  const name = uid();
  const chosen = new Set([held(block, element, ctx) ?? []].flat());
  const rich = optionsOf(element);
  const items = choices(element, block, ctx).map((option, index) => {
    const input = h("input", { type: radio ? "radio" : "checkbox", name, value: option.value });
    input.checked = chosen.has(option.value);
    const words = rich[index] ? textObject(rich[index].text) : option.text;
    return h("label", { class: "tick" }, input, h("span", {}, words, rich[index]?.description && h("small", {}, textObject(rich[index].description))));
  });
  const node = h("div", { class: element.type.startsWith("multi_") ? "ticks boxed" : "ticks", role: radio ? "radiogroup" : "group", "aria-label": label(element, block), "aria-describedby": attributes["aria-describedby"], id: attributes.id }, items);
  node.addEventListener("change", () => {
    const on = [...node.querySelectorAll("input:checked")].map((i) => i.value);
    keep(block, element, ctx, radio ? on[0] ?? null : on);
  });
  return node;
}

function typed(block, element, ctx, attributes) {
  const plain = element.type === "plain_text_input" && element.multiline;
  const kinds = { email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
  const common = {
    ...attributes, class: "field", placeholder: element.placeholder?.text, maxlength: element.max_length,
    "aria-label": attributes.id ? null : label(element, block),
  };
  const node = plain
    ? h("textarea", { ...common, rows: 4 })
    : h("input", { ...common, type: kinds[element.type] || "text", inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null, step: element.type === "timepicker" ? 60 : null });
  const current = held(block, element, ctx);
  const moment = element.type === "datetimepicker";
  node.value = current === null ? "" : moment ? toLocalInput(current) : current;
  const instant = ["datepicker", "timepicker", "datetimepicker"].includes(element.type);
  const read = () => (moment ? fromLocalInput(node.value) : node.value === "" ? null : node.value);
  node.addEventListener("input", () => keep(block, element, ctx, read(), { act: false }));
  if (instant) node.addEventListener("change", () => keep(block, element, ctx, read()));
  else if (block.dispatch_action) node.addEventListener("keydown", (e) => { if (e.key === "Enter" && !plain) { e.preventDefault(); keep(block, element, ctx, read()); } });
  if (element.focus_on_load) node.setAttribute("data-first", "");
  return moment ? h("span", { class: "moment" }, node, h("small", {}, `${zoneName()} time`)) : node;
}

function overflow(block, element, ctx) {
  const node = h("button", { type: "button", class: "button square", "aria-haspopup": "menu", "aria-label": "More actions" }, icon("more"));
  node.addEventListener("click", () => menu(node, element.options.map((option) => ({
    text: option.text.text, href: option.url, target: "_blank",
    run: () => confirmThen(element.confirm, () => ctx.act(block, element, option.value)),
  })), "More actions"));
  return node;
}

export function renderElement(block, element, ctx, attributes = {}) {
  switch (element.type) {
    case "button": case "workflow_button": return button(block, element, ctx);
    case "overflow": return overflow(block, element, ctx);
    case "image": return h("img", { class: "thumb", src: element.image_url, alt: element.alt_text });
    case "static_select": case "users_select": case "conversations_select": case "channels_select": return select(block, element, ctx, attributes);
    case "radio_buttons": return ticks(block, element, ctx, attributes, { radio: true });
    case "checkboxes": case "multi_static_select": case "multi_users_select": case "multi_conversations_select": return ticks(block, element, ctx, attributes);
    case "plain_text_input": case "email_text_input": case "url_text_input": case "number_input":
    case "datepicker": case "timepicker": case "datetimepicker": return typed(block, element, ctx, attributes);
    default: return h("p", { class: "unknown" }, `${element.type} can't be used in the practice workspace.`);
  }
}

function input(block, ctx) {
  const id = uid(), note = uid();
  const error = ctx.errors?.[block.block_id];
  const grouped = ["radio_buttons", "checkboxes"].includes(block.element.type) || block.element.type.startsWith("multi_");
  const control = renderElement(block, block.element, ctx, { id, "aria-describedby": note, "aria-invalid": error ? "true" : null });
  return h("div", { class: error ? "input bad" : "input", "data-block": block.block_id },
    h(grouped ? "div" : "label", { class: "label", for: grouped ? null : id }, textObject(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    control,
    h("div", { id: note }, error && h("p", { class: "error", role: "alert" }, error), block.hint && h("p", { class: "hint" }, textObject(block.hint))));
}

function styled(text, style = {}) {
  let node = text;
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) if (style[name]) node = h(tag, {}, node);
  return node;
}

function richInline(item) {
  switch (item.type) {
    case "text": return styled(h("span", {}, withIcons(item.text)), item.style);
    case "link": return styled(link(item.url, item.text), item.style);
    case "user": return mention(item.user_id);
    case "channel": return channelMention(item.channel_id);
    case "emoji": return emoji(item.name);
    case "date": return h("time", {}, formatDate(item.timestamp, item.format));
    case "broadcast": return h("span", { class: "mention" }, `@${item.range}`);
    default: return "";
  }
}

function rich(block) {
  return h("div", { class: "rich" }, block.elements.map((part) => {
    const words = (items) => items.map(richInline);
    if (part.type === "rich_text_list") return h(part.style === "ordered" ? "ol" : "ul", { class: `indent${part.indent || 0}` }, part.elements.map((e) => h("li", {}, words(e.elements))));
    if (part.type === "rich_text_preformatted") return h("pre", {}, words(part.elements));
    if (part.type === "rich_text_quote") return h("blockquote", {}, words(part.elements));
    return h("p", {}, words(part.elements));
  }));
}

export function renderBlock(block, ctx) {
  switch (block.type) {
    case "header": return h("h3", { class: "b-header" }, textObject(block.text));
    case "divider": return h("hr");
    case "section": return h("div", { class: "b-section" },
      h("div", { class: "b-text" }, block.text && h("div", {}, textObject(block.text)),
        block.fields && h("div", { class: "b-fields" }, block.fields.map((f) => h("div", {}, textObject(f))))),
      block.accessory && h("div", { class: "b-accessory" }, renderElement(block, block.accessory, ctx)));
    case "context": return h("div", { class: "b-context" }, block.elements.map((e) => (e.type === "image" ? h("img", { src: e.image_url, alt: e.alt_text }) : h("span", {}, textObject(e)))));
    case "actions": return h("div", { class: "b-actions" }, block.elements.map((e) => renderElement(block, e, ctx)));
    case "image": return h("figure", { class: "b-image" }, block.title && h("figcaption", {}, textObject(block.title)), h("img", { src: block.image_url, alt: block.alt_text }));
    case "input": return input(block, ctx);
    case "rich_text": return rich(block);
    case "markdown": return h("div", { class: "b-section" }, mrkdwn(block.text));
    default: return h("p", { class: "unknown" }, `${block.type} isn't shown in the practice workspace.`);
  }
}

export const renderBlocks = (blocks, ctx) => h("div", { class: "blocks" }, (blocks || []).map((b) => renderBlock(b, ctx)));
