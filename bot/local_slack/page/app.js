// One person's workspace: sidebar, header, messages, composer, modals; polls the box for news.
import { ask, fill, h, menu, toast } from "./dom.js";
import { renderBlocks } from "./blocks.js";
import { emojiIcon, icon } from "./icons.js";
import { makeComposer } from "./composer.js";
import { avatar, makeMessages } from "./messages.js";
import { openMisbehave } from "./misbehave.js";
import { showModal } from "./modal.js";
import { link, mrkdwn, setWorld } from "./text.js";

const POLL_MS = 600;
const root = document.getElementById("root");
const me = new URLSearchParams(location.search).get("as");

async function choose() {
  const { team, people } = await ask("/box/people");
  document.title = `${team} – who are you?`;
  fill(root, h("main", { class: "chooser" },
    h("p", { class: "team-mark", "aria-hidden": "true" }, "H"),
    h("h1", {}, "Who are you?"),
    h("p", { class: "lead" }, `${team} is a practice workspace. Pick a person; open a second one in another tab to play both sides.`),
    h("ul", { class: "cards" }, people.map((p) => h("li", { class: "card" },
      h("a", { class: "card-main", href: `/?as=${p.id}` }, avatar(p, "big"), h("span", {}, h("strong", {}, p.real_name), h("span", {}, p.title), h("small", {}, p.tz.replace("_", " ")))),
      h("a", { class: "card-tab", href: `/?as=${p.id}`, target: `as-${p.id}`, "aria-label": `Open as ${p.real_name} in a new tab` }, "New tab ↗"))))));
}

function start() {
  const page = { me, state: null, refresh: () => poll(true), open };
  const stored = (name) => { try { return localStorage.getItem(`box:${me}:${name}`) || ""; } catch { return ""; } };
  const store = (name, value) => { try { localStorage.setItem(`box:${me}:${name}`, value); } catch { /* private mode: unread marks last for this page only */ } };
  let current = location.hash.slice(1) || stored("channel");
  let version = "";
  let timer = 0;
  let polling = null;
  let lost = false;
  let sideDrawn = "", headDrawn = "", homeDrawn = "";
  const seenNotices = new Set();
  let firstPoll = true;
  const homeTyped = {};

  const side = h("nav", { class: "side", "aria-label": "Channels" });
  const head = h("header", { class: "head" });
  const main = h("main", { class: "main" });
  const home = h("div", { class: "home", hidden: true });
  const messages = makeMessages(page);
  page.composer = makeComposer(page);
  page.composer.node.hidden = true; // until there is a channel to write in
  fill(main, head, messages.node, home, page.composer.node);
  fill(root, h("div", { class: "workspace" }, side, h("div", { class: "veil", onclick: () => document.body.classList.remove("drawer") }), main));

  function open(id) {
    current = id;
    store("channel", id);
    document.body.classList.remove("drawer");
    const channel = page.state?.channels.find((c) => c.id === id);
    if (channel) placeComposer(channel); // at once: what is typed from now on belongs to this channel
    if (id === "home") ask("/box/act/home", { as: me }).catch((p) => toast(p.message)).then(page.refresh);
    poll(true);
  }

  const label = (channel) => {
    if (channel.kind === "im") {
      const other = channel.members.find((m) => m !== me) || me;
      return page.state.people[other]?.real_name || "Conversation";
    }
    if (channel.kind === "mpim") return channel.members.filter((m) => m !== me).map((m) => page.state.people[m]?.real_name.split(" ")[0]).join(", ");
    return channel.name;
  };

  const placeComposer = (channel) => page.composer.place(channel.id, channel.kind === "im" ? label(channel) : `#${label(channel)}`, channel.archived);

  function row(channel) {
    const unread = channel.id === current ? 0 : channel.talk.filter((ts) => ts > stored(`read:${channel.id}`)).length;
    const other = channel.kind === "im" && page.state.people[channel.members.find((m) => m !== me) || me];
    const sign = other ? avatar(other, "tiny") : h("span", { class: "hash", "aria-hidden": "true" }, channel.kind === "private" ? icon("lock", { plain: true }) : "#");
    return h("li", {}, h("button", {
      type: "button", class: `row${unread ? " unread" : ""}${channel.archived ? " archived" : ""}`, "aria-current": channel.id === current ? "page" : null, onclick: () => open(channel.id),
    }, sign, h("span", { class: "row-name" }, label(channel)), channel.kind === "private" && h("span", { class: "sr" }, "private"), unread > 0 && h("span", { class: "badge" }, String(unread), h("span", { class: "sr" }, " unread"))));
  }

  function drawSide() {
    const { team, people, channels, app, faults } = page.state;
    const key = JSON.stringify([channels.map((c) => [c.id, c.name, c.archived, c.talk.length, c.latest, stored(`read:${c.id}`)]), current, faults.length]);
    if (key === sideDrawn) return;
    sideDrawn = key;
    const keepFocus = side.contains(document.activeElement) ? document.activeElement.textContent : null;
    const rooms = channels.filter((c) => ["public", "private"].includes(c.kind)).sort((a, b) => a.archived - b.archived || a.name.localeCompare(b.name));
    const direct = channels.filter((c) => ["im", "mpim"].includes(c.kind));
    const who = h("button", { type: "button", class: "who", "aria-haspopup": "menu" }, avatar(people[me]), h("span", {}, h("strong", {}, people[me].real_name), h("small", {}, people[me].title)), h("span", { class: "caret", "aria-hidden": "true" }, "⌄"));
    who.addEventListener("click", () => menu(who, [
      { text: "Act as someone else, in a new tab:" },
      ...Object.values(people).filter((p) => !p.is_bot && p.id !== me).map((p) => ({ text: p.real_name, note: p.title, href: `/?as=${p.id}`, target: `as-${p.id}` })),
      { text: "Choose again in this tab", href: "/" },
    ], "Switch person"));
    const write = h("button", { type: "button", class: "row add", "aria-haspopup": "menu" }, h("span", { class: "hash", "aria-hidden": "true" }, "+"), "New message");
    write.addEventListener("click", () => menu(write, Object.values(people).filter((p) => p.id !== me).map((p) => ({
      text: p.real_name, note: p.title, run: () => ask("/box/act/dm", { as: me, with: p.id }).then((d) => open(d.channel)),
    })), "New message"));
    fill(side,
      h("div", { class: "team" }, h("span", { class: "team-mark", "aria-hidden": "true" }, team[0]), h("strong", {}, team)),
      h("div", { class: "side-scroll" },
        h("h2", {}, "Channels"), h("ul", {}, rooms.map(row)),
        h("h2", {}, "Direct messages"), h("ul", {}, direct.map(row), h("li", {}, write)),
        h("h2", {}, "Apps"), h("ul", {}, h("li", {}, h("button", { type: "button", class: "row", "aria-current": current === "home" ? "page" : null, onclick: () => open("home") }, avatar(people[app.bot_user_id], "tiny"), h("span", { class: "row-name" }, `${app.name} Home`))))),
      h("div", { class: "side-foot" },
        h("button", { type: "button", class: `row${faults.length ? " hot" : ""}`, onclick: () => openMisbehave(page) }, h("span", { class: "hash", "aria-hidden": "true" }, icon("construction", { plain: true })), "Misbehave…", faults.length > 0 && h("span", { class: "badge" }, String(faults.length))),
        who));
    if (keepFocus) [...side.querySelectorAll("button")].find((b) => b.textContent === keepFocus)?.focus();
  }

  function drawHead(channel) {
    const { people, app } = page.state;
    const key = JSON.stringify(channel ? [channel.id, channel.name, channel.topic, channel.members, channel.pins, channel.bookmarks, channel.archived] : "home");
    if (key === headDrawn) return;
    headDrawn = key;
    const drawer = h("button", { type: "button", class: "quiet drawer-button", "aria-label": "Show channels", onclick: () => { document.body.classList.toggle("drawer"); side.querySelector("button")?.focus(); } }, "☰");
    if (!channel) {
      fill(head, h("div", { class: "head-row" }, drawer, h("h1", {}, `${app.name} Home`)));
      return;
    }
    const crowd = h("button", { type: "button", class: "chip", "aria-haspopup": "menu", "aria-label": `${channel.members.length} members` }, channel.members.slice(0, 3).map((m) => avatar(people[m], "tiny")), String(channel.members.length));
    crowd.addEventListener("click", () => menu(crowd, channel.members.map((m) => ({ text: `${people[m]?.real_name || m} – ${people[m]?.title || ""}` })), "Members"));
    const pins = channel.pins.length > 0 && h("button", { type: "button", class: "chip", "aria-haspopup": "menu" }, icon("pushpin"), `${channel.pins.length} pinned`);
    if (pins) {
      pins.addEventListener("click", () => menu(pins, channel.pins.map((ts) => {
        const found = page.state.messages.find((m) => m.ts === ts);
        return { text: (found?.text || "Pinned message").replace(/[*_`]/g, "").slice(0, 90), run: () => document.getElementById(`m${ts}`)?.scrollIntoView({ block: "center" }) };
      }), "Pinned messages"));
    }
    fill(head,
      h("div", { class: "head-row" }, drawer,
        h("h1", { class: "room" }, channel.kind === "private" && icon("lock", { plain: true, label: "private channel" }), channel.kind === "public" && "# ", label(channel)),
        channel.archived && h("span", { class: "chip" }, "archived"), h("span", { class: "grow" }), crowd),
      channel.topic && h("p", { class: "topic" }, mrkdwn(channel.topic)),
      (pins || channel.bookmarks.length > 0) && h("div", { class: "marks" }, pins, channel.bookmarks.map((b) => h("span", { class: "chip" }, emojiIcon((b.emoji || "link").replaceAll(":", "")) || icon("link"), link(b.link, b.title)))));
  }

  function drawHome() {
    const { home: view, app } = page.state;
    const key = JSON.stringify(view);
    if (key === homeDrawn) return;
    homeDrawn = key;
    const ctx = {
      me, values: homeTyped,
      act: (block, element, value) => ask("/box/act/click", { as: me, target: { id: view.id }, action_id: element.action_id, block_id: block.block_id, value, typed: {} }).catch((p) => toast(p.message)).then(page.refresh),
    };
    fill(home, view ? renderBlocks(view.blocks, ctx) : h("div", { class: "empty" }, h("h3", {}, `${app.name} hasn't filled this page yet`), h("p", {}, "It does so when you open it; if it stays empty, the bot isn't running.")));
  }

  function draw() {
    const { state } = page;
    setWorld({ people: state.people, channels: state.channel_names, me, tz: state.people[me].tz, now: state.now, openChannel: (id) => (state.channels.some((c) => c.id === id) ? open(id) : toast("You are not in that channel.")) });
    const channel = current === "home" ? null : state.channels.find((c) => c.id === current);
    document.title = `${channel ? label(channel) : `${state.app.name} Home`} – ${state.people[me].real_name} – ${state.team}`;
    if (channel && !document.hidden) store(`read:${channel.id}`, channel.latest);
    drawSide();
    drawHead(channel);
    messages.node.hidden = !channel;
    page.composer.node.hidden = !channel;
    home.hidden = Boolean(channel);
    if (channel) {
      messages.show(channel, state.messages);
      placeComposer(channel);
    } else drawHome();
    showModal(me, state.modals, page.refresh);
    for (const notice of state.notices) {
      if (!seenNotices.has(notice.id) && !firstPoll) toast(notice.text);
      seenNotices.add(notice.id);
    }
    firstPoll = false;
  }

  async function once(force) {
    const asked = current;
    const query = new URLSearchParams({ as: me, channel: asked, v: force ? "" : version });
    const state = await ask(`/box/state?${query}`);
    if (asked !== current) return; // another channel was opened meanwhile; its own poll follows
    if (lost) { lost = false; toast("Connected again."); }
    if (!state) return;
    version = String(state.version);
    if (current !== "home" && !state.channels.some((c) => c.id === current)) {
      current = state.channels.find((c) => c.kind === "public")?.id || "home";
      await once(true);
      return;
    }
    page.state = state;
    draw();
  }

  async function poll(force = false) {
    clearTimeout(timer);
    const before = polling;
    polling = (async () => {
      await before;
      try { await once(force); } catch (problem) {
        if (problem.message === "user_not_found") { location.replace("/"); return; }
        if (problem.message !== "offline") console.error(problem);
        else if (!lost) toast("The practice workspace doesn't answer. Is it still running?");
        lost = problem.message === "offline";
      }
    })();
    await polling;
    clearTimeout(timer);
    timer = setTimeout(poll, POLL_MS);
  }

  addEventListener("keydown", (event) => { if (event.key === "Escape") document.body.classList.remove("drawer"); });
  addEventListener("visibilitychange", () => poll(true));
  poll(true);
}

if (me) start();
else choose();
