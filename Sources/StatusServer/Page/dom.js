// Elements from text alone: nothing that others chose is ever read as markup.

const byId = (id) => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("aria-") || key.startsWith("data-") || key === "role" || key === "scope" || key === "colspan") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.map((child) => (child instanceof Node ? child : safe(child))));
  return node;
}

function setText(node, text) {
  const shown = safe(text);
  if (node.textContent !== shown) node.textContent = shown;
}

// Control characters and those that turn the direction of text show as what they are.
function safe(text) {
  return String(text ?? "–").replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
}

// Figures.

const grouped = new Intl.NumberFormat("en-US");

const count = (number) => (number == null ? "–" : grouped.format(number));

function share(part, whole) {
  if (!whole) return "–";
  const tenths = Math.round((part * 1000) / whole);
  const honest = part > 0 && part < whole ? Math.min(Math.max(tenths, 1), 999) : tenths;
  return `${(honest / 10).toFixed(honest % 10 ? 1 : 0)} %`;
}

function span(seconds) {
  if (seconds == null || !isFinite(seconds)) return "–";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (large, unit, small, smaller) => (small ? `${large} ${unit} ${small} ${smaller}` : `${large} ${unit}`);
  if (whole < 3600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86400) return two(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return two(Math.floor(whole / 86400), "d", Math.floor((whole % 86400) / 3600), "h");
}

// Times of the API have six digits after the second, more than a Date keeps.
const microseconds = (time) => Date.parse(time.slice(0, 19) + "Z") * 1000 + Number(time.slice(20, 26));

function elapsed(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size < 1e-3) return `${sign}${Math.round(size * 1e6)} µs`;
  if (size < 1) return `${sign}${(size * 1e3).toFixed(3)} ms`;
  return size < 100 ? `${sign}${size.toFixed(6)} s` : sign + span(size);
}

const clock = (milliseconds, seconds = true) =>
  new Date(milliseconds).toLocaleTimeString("en-GB", seconds ? {} : { hour: "2-digit", minute: "2-digit" });

const endpoint = (address, port) => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);

const sum = (counts) => Object.values(counts ?? {}).reduce((total, number) => total + number, 0);

function most(counts, without = []) {
  const named = Object.entries(counts ?? {}).filter(([name, number]) => number > 0 && !without.includes(name));
  if (!named.length) return "–";
  const total = named.reduce((all, [, number]) => all + number, 0);
  const [name, number] = named.reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return `${name} ${share(number, total)}`;
}
