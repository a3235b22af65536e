// Icons and emoji drawn here, because a bare machine has no emoji font and nothing may be fetched.
// Each entry: [colour, shapes]; a shape is path data, "!" before it fills instead of strokes.
const RED = "#cf3a35", AMBER = "#d98e04", GREEN = "#2e8b57", BLUE = "#2f6fb5", GREY = "#5b666d", BROWN = "#8a5a2b", VIOLET = "#6b4a86";
const disc = (r = 9) => `!M${12 - r} 12a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const ring = (cx, cy, r) => `M${cx - r} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const tile = "!M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z";
const sheet = "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6";
const clock = [ring(12, 13, 8), "M12 9v4l3 2"];
const glass = ["M6 3h12M6 21h12M8 3v3c0 3 8 5 8 9v6M16 3v3c0 3-8 5-8 9v6"];
const box = ["M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9"];
const tray = "M3 13h5l1 3h6l1-3h5v7H3z";
const check = "M6 12.5l4 4 8-9";
const person = [ring(12, 8, 4), "M4 21c0-5 4-7 8-7s8 2 8 7"];
const flag = "M6 21V4h12l-3 4 3 4H6";
const monitor = ["M3 5h18v11H3zM9 20h6M12 16v4"];
const horn = ["M4 10v4h4l9 5V5l-9 5zM8 14l1 6h3"];

const SHAPES = {
  heavy_minus_sign: [GREY, ["M5 12h14"]],
  red_circle: [RED, [disc()]], large_orange_circle: ["#e0741b", [disc()]], large_yellow_circle: ["#e3b505", [disc()]],
  large_green_circle: [GREEN, [disc()]], large_blue_circle: [BLUE, [disc()]], white_circle: ["#9aa6ac", [ring(12, 12, 8.5)]],
  black_circle: ["#222", [disc()]], large_red_square: [RED, [tile]], white_large_square: ["#9aa6ac", ["M4 4h16v16H4z"]],
  rotating_light: [RED, ["!M6 17v-4a6 6 0 0 1 12 0v4zM4 18h16v3H4z", "M12 1v2M3 6l2 1M21 6l-2 1M2 12h1M21 12h1"]],
  warning: [AMBER, ["!M12 2.5L23 21H1z", "~M12 9v6M12 18v.1"]],
  white_check_mark: [GREEN, [tile, `~${check}`]], ballot_box_with_check: [BLUE, [tile, `~${check}`]], heavy_check_mark: [GREEN, [check]],
  x: [RED, ["M5 5l14 14M19 5L5 19"]], no_entry: [RED, [disc(10), "~M7 12h10"]], no_entry_sign: [RED, [ring(12, 12, 9), "M6 6l12 12"]],
  hourglass: [BROWN, glass], hourglass_flowing_sand: [BROWN, glass],
  alarm_clock: [RED, [...clock, "M3 6l3-3M21 6l-3-3"]], stopwatch: [GREY, [...clock, "M10 2h4M12 2v3"]], timer_clock: [GREY, clock], clock1: [GREY, clock],
  calendar: [BLUE, ["M4 5h16v16H4zM4 10h16M8 3v4M16 3v4"]], pushpin: [RED, ["!M8 3h8l-1 7 3 4H6l3-4z", "M12 14v7"]],
  paperclip: [GREY, ["M8 12l6-6a3.5 3.5 0 0 1 5 5l-9 9a5 5 0 0 1-7-7l9-9"]],
  link: [BLUE, ["M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-2 2M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l2-2"]],
  lock: [AMBER, ["!M5 11h14v10H5z", "M8 11V8a4 4 0 0 1 8 0v3"]], unlock: [GREEN, ["!M5 11h14v10H5z", "M8 11V7a4 4 0 0 1 8 0"]],
  key: [AMBER, [ring(8, 15, 4), "M11 12l9-9M16 7l3 3"]], shield: [BLUE, ["M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z", "M8.5 12l2.5 2.5L16 9"]],
  mag: [GREY, [ring(10, 10, 6), "M15 15l6 6"]], memo: [GREY, ["M5 3h10v18H5zM8 8h4M8 12h4M19 5l2 2-8 8-3 1 1-3z"]], page_facing_up: [GREY, [sheet]],
  scroll: [BROWN, [sheet]], receipt: [GREY, [sheet]], newspaper: [GREY, ["M3 5h18v14H3zM6 9h5v4H6zM14 9h4M14 12h4M6 16h12"]],
  clipboard: [BROWN, ["M6 5h12v16H6zM9 3h6v4H9zM9 12h6M9 16h6"]], file_folder: [AMBER, ["!M3 6h7l2 2h9v12H3z"]],
  package: [BROWN, box], inbox_tray: [GREY, [tray, "M12 3v8M9 8l3 3 3-3"]], outbox_tray: [GREY, [tray, "M12 11V3M9 6l3-3 3 3"]],
  envelope: [BLUE, ["M3 5h18v14H3zM3 6l9 7 9-7"]], mega: [VIOLET, horn],
  bell: [AMBER, ["!M12 3a6 6 0 0 1 6 6c0 5 2 6 3 8H3c1-2 3-3 3-8a6 6 0 0 1 6-6z", "M10 20h4"]],
  no_bell: [GREY, ["M12 3a6 6 0 0 1 6 6c0 5 2 6 3 8H3c1-2 3-3 3-8a6 6 0 0 1 6-6zM4 3l16 18"]],
  fire: ["#e0531b", ["!M12 2c1 4 6 6 6 12a6 6 0 0 1-12 0c0-3 2-4 2-7 2 1 3 2 3 4 1-2 2-5 1-9z"]],
  classical_building: [GREY, ["M3 9l9-6 9 6zM4 20h16M6 10v8M10 10v8M14 10v8M18 10v8"]],
  scales: [GREY, ["M12 3v18M7 21h10M5 7l14-2M5 7l-3 7a3 3 0 0 0 6 0zM19 5l-3 7a3 3 0 0 0 6 0z"]],
  bust_in_silhouette: [VIOLET, person], busts_in_silhouette: [VIOLET, [ring(9, 8, 4), "M2 21c0-5 3-7 7-7s7 2 7 7M16 5a4 4 0 0 1 0 7M19 15c2 1 3 3 3 6"]],
  eyes: [GREY, ["M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7z", "!M9 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"]],
  thumbsup: [AMBER, ["!M3 11h4v10H3zM9 11l4-8c2 0 3 1 2 4l-1 3h6l-2 11H9z"]], thumbsdown: [AMBER, ["!M3 3h4v10H3zM9 13l4 8c2 0 3-1 2-4l-1-3h6L18 3H9z"]],
  wave: [AMBER, ["M8 13V5.500a1.500 1.500 0 0 1 3 0V11 4a1.500 1.500 0 0 1 3 0v7-5a1.500 1.500 0 0 1 3 0v8c0 4-2 7-6 7-3 0-4-1-7-6-1-2 1-3 2-2z"]],
  tada: [VIOLET, ["M3 21l5-13 8 8zM14 4c2 0 2 2 1 4M20 10c-2-1-4 0-5 1M18 3v2M21 5h-2"]], rocket: [RED, ["M12 2c5 4 5 9 3 14H9C7 11 7 6 12 2zM9 12l-4 4v3l4-2M15 12l4 4v3l-4-2", ring(12, 9, 1.5)]],
  bulb: ["#d9a504", ["M9 18h6M10 21h4M8 14a6 6 0 1 1 8 0c-1 1-1 2-1 4H9c0-2 0-3-1-4z"]], wrench: [GREY, ["M14 7a4 4 0 0 1 6-3l-3 3 1 1 3-3a4 4 0 0 1-5 5l-9 10-3-3z"]],
  gear: [GREY, [ring(12, 12, 4), "M12 2v4M12 18v4M2 12h4M18 12h4M5 5l3 3M16 16l3 3M19 5l-3 3M8 16l-3 3"]],
  computer: [GREY, monitor], iphone: [GREY, ["M7 2h10v20H7zM11 19h2"]], floppy_disk: [BLUE, ["M4 4h13l3 3v13H4zM8 4v5h7V4M8 20v-6h8v6"]],
  chart_with_upwards_trend: [RED, ["M3 3v18h18M6 16l5-5 3 3 6-7"]], bar_chart: [BLUE, ["M4 21V11M10 21V5M16 21v-7M21 21H2"]],
  information_source: [BLUE, [disc(10), "~M12 11v6M12 7.500v.1"]], question: [RED, ["M8 9a4 4 0 1 1 5 4c-1 .5-1 1-1 3M12 20v.1"]], exclamation: [RED, ["M12 3v11M12 19v.1"]],
  arrow_right: [BLUE, ["M4 12h15M13 6l6 6-6 6"]], arrow_up: [BLUE, ["M12 20V5M6 11l6-6 6 6"]], arrow_down: [BLUE, ["M12 4v15M6 13l6 6 6-6"]],
  arrows_counterclockwise: [BLUE, ["M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5"]],
  checkered_flag: [GREY, [flag, "M6 8h10M10 4v8"]], triangular_flag_on_post: [RED, [flag]], construction: [AMBER, ["M3 8h18v6H3zM6 14v7M18 14v7M8 8l-4 6M15 8l-4 6M21 9l-3 5"]],
  dart: [RED, [ring(12, 12, 9), ring(12, 12, 5), disc(1.5)]], star: ["#e3b505", ["!M12 2l3 7 7 .6-5.400 4.800L18 22l-6-4-6 4 1.400-7.600L2 9.600 9 9z"]], sparkles: ["#e3b505", ["!M10 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2zM19 14l1 3 3 1-3 1-1 3-1-3-3-1 3-1z"]],
  zap: [AMBER, ["!M13 2L4 14h6l-1 8 9-12h-6z"]], telephone_receiver: [GREEN, ["M5 3h4l2 5-3 2c1 3 3 5 6 6l2-3 5 2v4c0 1-1 2-2 2C10 21 3 14 3 5c0-1 1-2 2-2z"]],
  office: [GREY, ["M5 21V3h14v18zM9 7h2M13 7h2M9 11h2M13 11h2M10 21v-5h4v5"]], speech_balloon: [BLUE, ["M3 4h18v12H11l-5 5v-5H3z"]], thread: [GREY, ["M3 4h18v12H11l-5 5v-5H3zM7 8h10M7 12h6"]],
  flag_eu: ["#1b3f8f", ["!M2 5h20v14H2z", "~M12 7.500v.1M12 16.500v.1M7.500 12h.1M16.500 12h.1M9 9v.1M15 9v.1M9 15v.1M15 15v.1"]],
  us: [RED, ["!M2 5h20v14H2z", "~M2 9h20M2 14h20"]], gb: ["#1b3f8f", ["!M2 5h20v14H2z", "~M12 5v14M2 12h20"]], de: ["#222", ["!M2 5h20v14H2z", "~M2 12h20"]],
  smile: ["#d9a504", [ring(12, 12, 9), "M8 14c2 3 6 3 8 0M9 9v.1M15 9v.1"]], thinking_face: ["#d9a504", [ring(12, 12, 9), "M9 15l6-1M9 9v.1M15 9v.1"]], heart: [RED, ["!M12 21C5 15 2 12 2 8a5 5 0 0 1 10-1 5 5 0 0 1 10 1c0 4-3 7-10 13z"]],
  coffee: [BROWN, ["M4 9h13v7a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zM17 10h2a2 2 0 0 1 0 5h-2M8 3v3M12 3v3"]], crescent_moon: ["#d9a504", ["!M15 3a9 9 0 1 0 6 13A8 8 0 0 1 15 3z"]], sunny: ["#e3b505", [ring(12, 12, 4), "M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2"]],
  lock_with_ink_pen: [VIOLET, ["!M5 11h11v10H5z", "M7 11V8a3.500 3.500 0 0 1 7 0v3M22 9l-6 9"]], brain: ["#c2527d", ["M9 4a4 4 0 0 0-4 5 4 4 0 0 0 0 6 4 4 0 0 0 7 4V5a3 3 0 0 0-3-1zM15 4a4 4 0 0 1 4 5 4 4 0 0 1 0 6 4 4 0 0 1-7 4"]],
  test_tube: [GREEN, ["M9 3h6M10 3v13a2 2 0 0 0 4 0V3M10 11h4"]], ambulance: [RED, ["M2 7h12v10H2zM14 10h4l4 4v3h-8M8 9v5M5.500 11.500h5", ring(6, 18, 2), ring(17, 18, 2)]],
  zipper_mouth_face: ["#d9a504", [ring(12, 12, 9), "M7 15h10M9 13v4M12 13v4M15 13v4M9 9v.1M15 9v.1"]], zzz: [BLUE, ["M4 12h8l-8 8h8M14 4h6l-6 6h6"]],
  mortar_board: [BLUE, ["!M12 4L1 9l11 5 11-5z", "M6 12v5c3 3 9 3 12 0v-5M21 10v7"]], ticket: [AMBER, ["M3 7h18v4a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4zM14 7v11"]],
  hole: ["#222", ["!M2 14a10 5 0 1 0 20 0a10 5 0 1 0-20 0z"]], octagonal_sign: [RED, ["!M8 2h8l6 6v8l-6 6H8l-6-6V8z", "~M8 12h8"]],
  ballot_box_with_ballot: [BLUE, ["M3 12h18v9H3zM8 12V4h8v8M10 7h4", "M9 15h6"]], black_right_pointing_double_triangle_with_vertical_bar: [BLUE, ["!M3 5l7 7-7 7zM11 5l7 7-7 7z", "M20 5v14"]],
  handshake: [BROWN, ["M2 8l5-2 5 3 5-3 5 2v7l-4 1-6 4-6-4-4-1zM12 9l-3 4 2 1 3-2 4 4"]],
  arrow_forward: [GREEN, ["!M7 4l12 8-12 8z"]], pause_button: [AMBER, ["M9 5v14M15 5v14"]], fast_forward: [BLUE, ["!M3 5l9 7-9 7zM12 5l9 7-9 7z"]],
  send: ["#fff", ["!M3 4l19 8-19 8 3-8z"]], more: [GREY, ["!M3 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0zM10 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0zM17 12a2 2 0 1 0 4 0a2 2 0 1 0-4 0z"]],
};

const SAME = {
  heavy_exclamation_mark: "exclamation", grey_question: "question", date: "calendar", round_pushpin: "pushpin", email: "envelope", loudspeaker: "mega",
  bank: "classical_building", balance_scale: "scales", "+1": "thumbsup", "-1": "thumbsdown", raised_hand: "wave", hand: "wave", desktop_computer: "computer",
  hammer_and_wrench: "wrench", phone: "telephone_receiver", eu: "flag_eu", "flag-eu": "flag_eu", "flag-us": "us", "flag-gb": "gb", "flag-de": "de", repeat: "arrows_counterclockwise", moon: "crescent_moon", slightly_smiling_face: "smile",
  card_index_dividers: "file_folder", open_file_folder: "file_folder", fire_engine: "ambulance", police_car: "ambulance", eye: "eyes", bookmark_tabs: "page_facing_up", small_red_triangle: "triangular_flag_on_post",
};

// Emoji that arrive as characters.
const CHARACTERS = {
  "🎓": "mortar_board", "🎫": "ticket", "🕳": "hole", "🛑": "octagonal_sign", "🗳": "ballot_box_with_ballot", "⏭": "black_right_pointing_double_triangle_with_vertical_bar", "🤝": "handshake",
  "🚨": "rotating_light", "⚠": "warning", "✅": "white_check_mark", "☑": "ballot_box_with_check", "✔": "heavy_check_mark", "❌": "x", "⛔": "no_entry", "🚫": "no_entry_sign",
  "🔴": "red_circle", "🟠": "large_orange_circle", "🟡": "large_yellow_circle", "🟢": "large_green_circle", "🔵": "large_blue_circle", "⚪": "white_circle", "⚫": "black_circle", "🟥": "large_red_square", "⬜": "white_large_square",
  "⌛": "hourglass", "⏳": "hourglass", "⏰": "alarm_clock", "⏱": "stopwatch", "⏲": "timer_clock", "🕐": "clock1", "📆": "calendar", "📅": "calendar", "📌": "pushpin", "📍": "pushpin", "📎": "paperclip", "🔗": "link",
  "🔒": "lock", "🔓": "unlock", "🔐": "lock", "🔑": "key", "🛡": "shield", "🔍": "mag", "🔎": "mag", "📝": "memo", "📄": "page_facing_up", "📃": "page_facing_up", "📜": "scroll", "🧾": "receipt", "📰": "newspaper", "📋": "clipboard", "📁": "file_folder", "📂": "file_folder", "🗂": "file_folder",
  "📦": "package", "📥": "inbox_tray", "📤": "outbox_tray", "✉": "envelope", "📧": "envelope", "📨": "envelope", "📢": "mega", "📣": "mega", "🔔": "bell", "🔕": "no_bell", "🔥": "fire", "🏛": "classical_building", "🏦": "classical_building", "⚖": "scales",
  "👤": "bust_in_silhouette", "👥": "busts_in_silhouette", "👀": "eyes", "👁": "eyes", "👍": "thumbsup", "👎": "thumbsdown", "👋": "wave", "✋": "wave", "🎉": "tada", "🚀": "rocket", "💡": "bulb", "🔧": "wrench", "🛠": "wrench", "⚙": "gear",
  "💻": "computer", "🖥": "computer", "📱": "iphone", "💾": "floppy_disk", "📈": "chart_with_upwards_trend", "📊": "bar_chart", "ℹ": "information_source", "❓": "question", "❔": "question", "❗": "exclamation", "➡": "arrow_right", "🔄": "arrows_counterclockwise", "🔁": "arrows_counterclockwise",
  "🏁": "checkered_flag", "🚩": "triangular_flag_on_post", "🚧": "construction", "🎯": "dart", "⭐": "star", "✨": "sparkles", "⚡": "zap", "📞": "telephone_receiver", "☎": "telephone_receiver", "🏢": "office", "💬": "speech_balloon", "🧵": "thread",
  "🇪🇺": "flag_eu", "🇺🇸": "us", "🇬🇧": "gb", "🇩🇪": "de", "🙂": "smile", "😄": "smile", "🤔": "thinking_face", "❤": "heart", "☕": "coffee", "🌙": "crescent_moon", "☀": "sunny", "🔏": "lock_with_ink_pen", "🧠": "brain", "🧪": "test_tube", "🚑": "ambulance",
  "🗄": "file_folder", "🗑": "x", "↩": "arrows_counterclockwise", "🧬": "link", "▶": "arrow_forward", "⏸": "pause_button", "⏩": "fast_forward", "🤐": "zipper_mouth_face", "😴": "zzz", "🗓": "calendar", "➖": "heavy_minus_sign", "▫": "white_large_square",
};
const NS = "http://www.w3.org/2000/svg";

// The icon of that name, or null. `plain` takes the colour of the text around it.
export function icon(name, { label = "", plain = false } = {}) {
  const found = SHAPES[SAME[name] || name];
  if (!found) return null;
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) { svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label); } else svg.setAttribute("aria-hidden", "true");
  for (const shape of found[1]) {
    const path = document.createElementNS(NS, "path");
    const filled = shape.startsWith("!"), light = shape.startsWith("~");
    const colour = light ? "#fff" : plain ? "currentColor" : found[0];
    path.setAttribute("d", shape.replace(/^[!~]/, ""));
    path.setAttribute("fill", filled ? colour : "none");
    if (!filled) {
      for (const [key, value] of [["stroke", colour], ["stroke-width", light ? "2.6" : "2"], ["stroke-linecap", "round"], ["stroke-linejoin", "round"]]) path.setAttribute(key, value);
    }
    svg.append(path);
  }
  return svg;
}

export const emojiIcon = (name) => icon(name.split("::")[0], { label: name.split("::")[0].replaceAll("_", " ") });

const PICTURES = new RegExp(`(${Object.keys(CHARACTERS).sort((a, b) => b.length - a.length).join("|")})\\uFE0F?`, "gu");

// Text with emoji characters drawn as icons.
export function withIcons(text) {
  const parts = text.split(PICTURES);
  return parts.map((part, i) => (i % 2 ? icon(CHARACTERS[part], { label: CHARACTERS[part].replaceAll("_", " ") }) : part)).filter((p) => p !== "");
}
