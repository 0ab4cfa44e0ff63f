// The segments of a connection as its history tells them, with the states at both ends after each (RFC 9293).

const LETTERS = {
  s: "SYN", h: "SYN-ACK", a: "ACK", d: "data", f: "FIN", r: "RST", i: "FIN and RST", q: "SYN with FIN or RST",
};
const NOTES = {
  t: "sent data again", w: "closed its window", g: "had data lost on the way here", c: "sent a bad checksum",
};
const KEPT_LETTERS = 36;

// Steps: {from: "client" | "server", what, client, server} or {note}.
function ladderSteps(connection) {
  const steps = [];
  let history = connection.history;
  if (history.startsWith("^")) {
    steps.push({ note: "It was seen from the middle: who is the client was found out later." });
    history = history.slice(1);
  }
  const isWhole = /^[sS]/.test(history);
  const states = isWhole ? { client: "CLOSED", server: "LISTEN" } : { client: "ESTABLISHED", server: "ESTABLISHED" };
  const first = connection.start ? `; first packet at ${connection.start.slice(11, 23)} UTC` : "";
  steps.push({ note: (isWhole ? "Before" : "It was open already") + first, ...states });
  let hasClosed = false;
  for (const letter of history) {
    const from = letter === letter.toUpperCase() ? "client" : "server";
    const kind = letter.toLowerCase();
    if (NOTES[kind]) {
      steps.push({ note: `The ${from} ${NOTES[kind]}.` });
      continue;
    }
    if ("fri".includes(kind) && !hasClosed) {
      hasClosed = true;
      if (connection.idle_before_close_seconds > 0) steps.push({ note: `Silence for ${span(connection.idle_before_close_seconds)}` });
    }
    move(states, from, kind, connection.closed_first === "simultaneous");
    steps.push({ from, what: LETTERS[kind] ?? letter, ...states });
  }
  if (connection.history.length >= KEPT_LETTERS) steps.push({ note: "What came after this is not kept." });
  return steps;
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
  if (connection.end) rows.push(ladderRow({ note: `Last packet ${span(connection.duration_seconds)} after the first` }, before));
  const left = connection.time_wait_remaining_seconds;
  const now = connection.close_kind || left != null || !connection.end ? "Now" : "Now, with the connection open";
  rows.push(ladderRow({ note: left == null ? now : `Now; TIME_WAIT for ${span(Math.ceil(left))} more`, client: connection.client_state, server: connection.server_state }, before));
  const head = element(
    "tr", {},
    element("th", { scope: "col" }, `client ${client}`),
    element("th", { scope: "col", class: "what" }, "segment"),
    element("th", { scope: "col" }, `server ${server}`),
  );
  return element(
    "div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Segments" },
    element("table", { class: "ladder" }, element("caption", { class: "hint" }, "The first of each kind, in order; the states at both ends after it"), element("thead", {}, head), element("tbody", {}, ...rows)),
  );
}

function ladderRow(step, before) {
  const state = (side) => element("td", { class: step[side] !== before[side] && before[side] ? "changed" : "" }, step[side] ?? "");
  if (!step.from) {
    return element("tr", { class: "note" }, state("client"), element("td", { class: "what" }, step.note), state("server"));
  }
  const toServer = step.from === "client";
  const rule = () => element("span", { class: "rule" });
  const parts = [rule(), element("span", { class: "name" }, step.what), rule()];
  const arrow = element("div", { class: "arrow" }, ...(toServer ? [...parts, "▶"] : ["◀", ...parts]));
  return element("tr", { class: toServer ? "to-server" : "to-client" }, state("client"), element("td", { class: "what" }, arrow), state("server"));
}
