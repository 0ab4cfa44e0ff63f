// The segments of a connection, with the states at both ends after each (RFC 9293): those that the daemon remembers with
// their times, the others as the history tells them.

const LETTERS = {
  s: "SYN", h: "SYN-ACK", a: "ACK", d: "data", f: "FIN", r: "RST", i: "FIN and RST", q: "SYN with FIN or RST",
};
const NOTES = {
  t: "sent data again", w: "closed its window", g: "had data lost on the way here", c: "sent a bad checksum",
};
const KEPT_LETTERS = 36;

// Steps: {from: "client" | "server", what, kind, at, client, server} or {note}.
function ladderSteps(connection) {
  const known = connection.segments ?? [];
  const isKnown = connection.segments_complete && known.length > 0;
  const states = isKnown
    ? { client: known[0].client_state_before, server: known[0].server_state_before }
    : /^\^?[sS]/.test(connection.history) ? { client: "CLOSED", server: "LISTEN" } : { client: "ESTABLISHED", server: "ESTABLISHED" };
  const isWhole = states.client === "CLOSED";
  const steps = [];
  if (connection.history.startsWith("^")) steps.push({ note: "It was seen from the middle: who is the client was found out later." });
  const first = connection.start ? `; first packet at ${connection.start.slice(11, 26)} UTC` : "";
  steps.push({ note: (isWhole ? "Before" : "It was open already") + first, ...states });
  const untimed = isKnown ? [] : historySteps(connection, states, known);
  const leads = untimed.length > 0 && isOpening(known[0], connection) ? 1 : 0;
  steps.push(...known.slice(0, leads).map((segment) => timedStep(segment, connection)));
  if (known.length && untimed.length) steps.push({ note: "What follows has no times: they are not kept for so long." });
  steps.push(...untimed.slice(leads));
  for (const segment of known.slice(leads)) {
    const before = { client: segment.client_state_before, server: segment.server_state_before };
    const last = steps.findLast((step) => step.client);
    if (before.client !== last.client || before.server !== last.server) steps.push({ note: "Moved without such a segment", ...before });
    steps.push(timedStep(segment, connection));
  }
  const silence = connection.idle_before_close_seconds;
  const close = steps.findIndex((step) => step.from && "fri".includes(step.kind));
  if (silence > 0 && close > 0) steps.splice(close, 0, { note: `Silence for ${span(silence)}` });
  if (isKnown) steps.push(...asides(connection.history));
  else if (connection.history.length >= KEPT_LETTERS) steps.push({ note: "What came after this is not kept." });
  return steps;
}

const isOpening = (segment, connection) =>
  segment?.sender === "client" && kindOf(segment) === "s" && segment.time === connection.start;

function kindOf({ flags, payload_bytes }) {
  const has = (flag) => flags.includes(flag);
  if (has("RST")) return "r";
  if (has("SYN")) return has("ACK") ? "h" : "s";
  return has("FIN") ? "f" : payload_bytes > 0 ? "d" : "a";
}

function timedStep(segment, connection) {
  const kind = kindOf(segment);
  const octets = segment.payload_bytes > 0 ? ` of ${count(segment.payload_bytes)} bytes` : "";
  const what = kind === "d" ? `data${octets}` : LETTERS[kind] + (octets && ` with data${octets}`);
  const at = (microseconds(segment.time) - microseconds(connection.start)) / 1e6;
  return { from: segment.sender, kind, what: what + (segment.retransmission ? ", again" : ""), at, client: segment.client_state, server: segment.server_state };
}

const sideOf = (letter) => (letter === letter.toUpperCase() ? "client" : "server");

// What the history tells and no time is known of: all up to the first that is remembered. (ACKs come more than once.)
function historySteps(connection, states, known) {
  const steps = [];
  const moved = { ...states };
  const rest = isOpening(known[0], connection) ? known.slice(1) : known;
  for (const letter of connection.history.replace("^", "")) {
    const from = sideOf(letter);
    const kind = letter.toLowerCase();
    if (NOTES[kind]) {
      steps.push({ note: `The ${from} ${NOTES[kind]}.` });
      continue;
    }
    if (kind !== "a" && rest.some((segment) => segment.sender === from && kindOf(segment) === kind)) break;
    move(moved, from, kind, connection.closed_first === "simultaneous");
    steps.push({ from, kind, what: LETTERS[kind] ?? letter, ...moved });
  }
  return steps;
}

function asides(history) {
  const found = [...history].filter((letter) => NOTES[letter.toLowerCase()]);
  return [...new Set(found)].map((letter) => ({ note: `Meanwhile the ${sideOf(letter)} ${NOTES[letter.toLowerCase()]}.` }));
}

function move(states, from, kind, isSimultaneous) {
  const to = from === "client" ? "server" : "client";
  const is = (side, ...names) => names.includes(states[side]);
  switch (kind) {
    case "s":
      if (is(from, "CLOSED", "LISTEN")) states[from] = "SYN_SENT";
      break;
    case "h":
      states[from] = "SYN_RECEIVED";
      if (is(to, "SYN_SENT")) states[to] = "ESTABLISHED";
      break;
    case "a":
    case "d":
      acknowledge(states, to);
      break;
    case "f":
      acknowledge(states, to, isSimultaneous);
      if (is(from, "ESTABLISHED", "SYN_RECEIVED")) states[from] = "FIN_WAIT_1";
      else if (is(from, "CLOSE_WAIT")) states[from] = "LAST_ACK";
      if (is(to, "ESTABLISHED", "SYN_RECEIVED") && !isSimultaneous) states[to] = "CLOSE_WAIT";
      else if (is(to, "FIN_WAIT_1")) [states[from], states[to]] = isSimultaneous ? ["CLOSING", "CLOSING"] : [states[from], "TIME_WAIT"];
      else if (is(to, "FIN_WAIT_2")) states[to] = "TIME_WAIT";
      break;
    case "r":
    case "i":
      states[from] = is(from, "LISTEN") ? "LISTEN" : "CLOSED";
      states[to] = is(to, "LISTEN") ? "LISTEN" : "CLOSED";
      break;
  }
}

// The end that is acknowledged by what the other sent.
function acknowledge(states, side, keepsFIN = false) {
  if (states[side] === "SYN_RECEIVED") states[side] = "ESTABLISHED";
  else if (keepsFIN) return;
  else if (states[side] === "FIN_WAIT_1") states[side] = "FIN_WAIT_2";
  else if (states[side] === "LAST_ACK") states[side] = "CLOSED";
  else if (states[side] === "CLOSING") states[side] = "TIME_WAIT";
}

function ladderTable(connection) {
  const client = endpoint(connection.client_address, connection.client_port);
  const server = endpoint(connection.server_address, connection.server_port);
  const rows = [];
  let before = {};
  for (const step of ladderSteps(connection)) {
    rows.push(ladderRow(step, before));
    if (step.client) before = step;
  }
  if (connection.end && before.at !== connection.duration_seconds) rows.push(ladderRow({ note: "The last packet", at: connection.duration_seconds }, before));
  const left = connection.time_wait_remaining_seconds;
  const now = connection.close_kind || left != null || !connection.end ? "Now" : "Now, with the connection open";
  rows.push(ladderRow({ note: left == null ? now : `Now; TIME_WAIT for ${span(Math.ceil(left))} more`, client: connection.client_state, server: connection.server_state }, before));
  const head = element(
    "tr", {},
    element("th", { scope: "col", class: "number" }, "after"),
    element("th", { scope: "col" }, `client ${client}`),
    element("th", { scope: "col", class: "what" }, "segment"),
    element("th", { scope: "col" }, `server ${server}`),
  );
  return element(
    "div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Segments" },
    element("table", { class: "ladder" }, element("caption", { class: "hint" }, "What opened, moved and closed it, and the first data; the states at both ends after each, in bold where they changed"), element("thead", {}, head), element("tbody", {}, ...rows)),
  );
}

function ladderRow(step, before) {
  const state = (side) => {
    const isChanged = before[side] && step[side] && step[side] !== before[side];
    const cell = element("td", { class: isChanged ? "changed" : "" }, step[side] ?? "");
    if (isChanged) cell.append(element("span", { class: "spoken" }, `, was ${before[side]}`));
    return cell;
  };
  const after = step.at == null ? "" : elapsed(step.at);
  const time = element("td", { class: "number" }, after);
  // Where there is no room for a column, the time stands above the arrow.
  const what = (content) => element("td", { class: "what", "data-after": after }, content);
  if (!step.from) return element("tr", { class: "note" }, time, state("client"), what(step.note), state("server"));
  const toServer = step.from === "client";
  const rule = () => element("span", { class: "rule" });
  const head = element("span", { "aria-hidden": "true" }, toServer ? "▶" : "◀");
  const who = element("span", { class: "spoken" }, `${step.from} sends `);
  const parts = [rule(), element("span", { class: "name" }, who, step.what), rule()];
  const arrow = element("div", { class: "arrow" }, ...(toServer ? [...parts, head] : [head, ...parts]));
  return element("tr", { class: toServer ? "to-server" : "to-client" }, time, state("client"), what(arrow), state("server"));
}
