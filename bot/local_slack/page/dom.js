// Small helpers to build the page. Text is always set as text, never as HTML.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "colour") node.style.backgroundColor = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const answer = await fetch(path, options).catch(() => { throw new Error("offline"); });
  if (answer.status === 204) return null;
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error || `status ${answer.status}`);
  return found;
}

export function toast(text) {
  const box = document.getElementById("toasts");
  const note = h("div", { class: "toast" }, text,
    h("button", { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => note.remove() }, "×"));
  box.append(note);
  setTimeout(() => note.remove(), 9000);
}

export function dialog({ label, narrow, onclose }) {
  const node = h("dialog", { class: narrow ? "modal narrow" : "modal", "aria-label": label });
  node.addEventListener("cancel", (event) => { event.preventDefault(); onclose(); });
  document.body.append(node);
  node.showModal();
  return node;
}

// A menu under a button: closes on Escape, outside click or choice; arrows move.
export function menu(anchor, items, label) {
  document.querySelector(".menu")?.remove();
  const list = h("div", { class: "menu", role: "menu", "aria-label": label });
  const close = (focus = true) => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
    if (focus) anchor.focus();
  };
  const outside = (event) => { if (!list.contains(event.target)) close(false); };
  for (const item of items) {
    list.append(item.href
      ? h("a", { role: "menuitem", href: item.href, target: item.target, rel: "noopener", tabindex: "-1" }, item.text, item.note && h("small", {}, item.note))
      : item.run
        ? h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { close(); item.run(); } }, item.text, item.note && h("small", {}, item.note))
        : h("div", { class: "menu-note" }, item.text));
  }
  list.addEventListener("keydown", (event) => {
    const all = [...list.querySelectorAll("[role=menuitem]")];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") { event.stopPropagation(); close(); }
    if (event.key === "ArrowDown") { event.preventDefault(); all[(at + 1) % all.length]?.focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); all[(at - 1 + all.length) % all.length]?.focus(); }
    if (event.key === "Tab") close(false);
  });
  (anchor.closest("dialog") || document.body).append(list);
  const spot = anchor.getBoundingClientRect();
  const width = list.offsetWidth, height = list.offsetHeight;
  list.style.left = `${Math.max(8, Math.min(spot.left, innerWidth - width - 8))}px`;
  const below = spot.bottom + 4 + height < innerHeight;
  list.style.top = `${below ? spot.bottom + 4 : Math.max(8, spot.top - height - 4)}px`;
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  list.querySelector("[role=menuitem]")?.focus();
}
