// The list of connections, of which only those in sight are drawn, and the view of one.

const connections = {
  rowHeight: 30,
  rows: [],
  sort: null,
  busy: false,
  columns: [
    { title: "Client", value: (c) => endpoint(c.client_address, c.client_port), action: (c) => connections.open(c) },
    { title: "Server", value: (c) => endpoint(c.server_address, c.server_port) },
    { title: "Client state", value: (c) => c.client_state },
    { title: "Server state", value: (c) => c.server_state },
    { title: "Closed first", value: (c) => c.closed_first },
    { title: "Ended by", value: (c) => c.close_kind },
    { title: "Cause", value: (c) => c.close_cause ?? (c.cause_pending ? "(pending)" : null) },
    { title: "TIME_WAIT left", value: (c) => c.time_wait_remaining_seconds, text: (c) => (c.time_wait_remaining_seconds == null ? "–" : span(Math.ceil(c.time_wait_remaining_seconds))), number: true },
    { title: "Owner", value: (c) => c.owner?.unit },
    { title: "Started", value: (c) => c.start, text: (c) => (c.start ? clock(Date.parse(c.start)) : "–") },
    { title: "Lasted", value: (c) => c.duration_seconds, text: (c) => span(c.duration_seconds), number: true },
    { title: "Bytes to server", value: (c) => c.client_bytes, number: true },
    { title: "Bytes to client", value: (c) => c.server_bytes, number: true },
    { title: "History", value: (c) => c.history },
  ],

  start() {
    this.heads = this.columns.map((column, index) => {
      const button = element("button", { type: "button" }, column.title);
      button.addEventListener("click", () => {
        this.sort = { index, descending: this.sort?.index === index ? !this.sort.descending : Boolean(column.number) };
        this.order();
      });
      return element("th", { scope: "col", class: column.number ? "number" : "", "aria-sort": "none" }, button);
    });
    this.above = element("tr", { class: "space", "aria-hidden": "true" }, element("td", { colspan: this.columns.length }, ""));
    this.below = element("tr", { class: "space", "aria-hidden": "true" }, element("td", { colspan: this.columns.length }, ""));
    this.lines = [];
    this.body = element("tbody", {}, this.above, this.below);
    this.table = element("table", {}, element("caption", { class: "hint" }, "Newest first, unless sorted"), element("thead", {}, element("tr", { "aria-rowindex": 1 }, ...this.heads)), this.body);
    this.window = element("div", { class: "scroll window", tabIndex: 0, role: "region", "aria-label": "Connections" }, this.table);
    this.window.addEventListener("scroll", () => this.draw());
    this.window.addEventListener("keydown", (event) => this.step(event));
    byId("connections-table").append(this.window);
    new ResizeObserver(() => this.draw()).observe(this.window);
    byId("query").addEventListener("submit", (event) => {
      event.preventDefault();
      this.remember();
      this.load();
    });
    for (const id of ["state", "side", "limit"]) byId(id).addEventListener("change", () => this.load());
    addEventListener("hashchange", () => this.recall());
    this.recall();
    this.load();
    setInterval(() => {
      if (byId("follow").checked && !view.frozen && !document.hidden) this.load(true);
    }, 3000);
  },

  // A filter is in the address, so that it can be handed on.
  remember() {
    const filter = byId("filter").value.trim();
    history.replaceState(null, "", filter ? `#connections?${encodeURIComponent(filter)}` : "#connections");
  },

  recall() {
    const [section, filter] = location.hash.split("?");
    if (section !== "#connections" || filter === undefined) return;
    try {
      this.show(decodeURIComponent(filter));
    } catch {
      // Not a filter of ours.
    }
  },

  show(filter) {
    byId("filter").value = filter;
    this.remember();
    byId("connections").scrollIntoView();
    this.load();
  },

  get query() {
    const query = new URLSearchParams();
    for (const name of ["filter", "state", "side", "limit"]) {
      const value = byId(name).value.trim();
      if (value) query.set(name, value);
    }
    return query.toString();
  },

  async load(isRepeated = false) {
    if (this.busy && isRepeated) return;
    this.busy = true;
    const query = this.query;
    try {
      const answer = await fetch(`/api/v1/connections?${query}`);
      const found = await answer.json();
      if (query !== this.query) return;
      this.complain(answer.ok ? "" : found.detail);
      if (!answer.ok) return;
      this.rows = found.connections;
      this.hasMore = found.next_cursor !== null;
      this.order();
    } catch {
      this.complain("The daemon does not answer.");
    } finally {
      this.busy = false;
    }
  },

  complain(text) {
    setText(byId("filter-problem"), text);
    byId("filter").setAttribute("aria-invalid", text ? "true" : "false");
  },

  order() {
    this.heads.forEach((head, index) => {
      const isSorted = this.sort?.index === index;
      head.setAttribute("aria-sort", isSorted ? (this.sort.descending ? "descending" : "ascending") : "none");
      setText(head.firstChild, this.columns[index].title + (isSorted ? (this.sort.descending ? " ▼" : " ▲") : ""));
    });
    this.sorted = sortRows(this.rows, this.columns, this.sort);
    const more = this.hasMore ? " and more: raise “At most”, or filter" : "";
    setText(byId("connections-count"), `${count(this.rows.length)} ${this.rows.length === 1 ? "connection" : "connections"}${more}`);
    this.table.setAttribute("aria-rowcount", this.rows.length + 1);
    this.draw();
  },

  draw() {
    const rows = this.sorted ?? [];
    const spare = 8;
    const first = Math.max(0, Math.min(Math.floor(this.window.scrollTop / this.rowHeight) - spare, rows.length));
    const last = Math.min(rows.length, first + Math.ceil(this.window.clientHeight / this.rowHeight) + 2 * spare);
    this.above.firstChild.style.height = `${first * this.rowHeight}px`;
    this.below.firstChild.style.height = `${(rows.length - last) * this.rowHeight}px`;
    while (this.lines.length < last - first) this.lines.push(this.newLine());
    while (this.lines.length > last - first) this.lines.pop().remove();
    this.lines.forEach((line, position) => {
      line.row = rows[first + position];
      line.setAttribute("aria-rowindex", first + position + 2);
      this.columns.forEach((column, index) => fillCell(line.children[index], column, line.row));
    });
  },

  newLine() {
    const line = element("tr");
    line.append(...this.columns.map((column) => newCell(column, () => line.row)));
    line.addEventListener("click", () => this.open(line.row));
    this.body.insertBefore(line, this.below);
    return line;
  },

  step(event) {
    const direction = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const line = event.target.closest?.("tr");
    if (!direction || !line?.row) return;
    event.preventDefault();
    const index = Number(line.getAttribute("aria-rowindex")) - 2 + direction;
    if (index < 0 || index >= this.sorted.length) return;
    const top = index * this.rowHeight;
    const head = 60;
    if (top < this.window.scrollTop) this.window.scrollTop = top;
    if (top + head > this.window.scrollTop + this.window.clientHeight) this.window.scrollTop = top + head - this.window.clientHeight;
    this.draw();
    this.lines.find((other) => other.getAttribute("aria-rowindex") === String(index + 2))?.querySelector("button").focus();
  },

  open(connection) {
    setText(byId("detail-title"), `${endpoint(connection.client_address, connection.client_port)} to ${endpoint(connection.server_address, connection.server_port)}`);
    this.shown = { id: connection.id, text: "" };
    this.fill(connection);
    if (!byId("detail").open) byId("detail").showModal();
    this.renew();
  },

  fill(connection) {
    const { time_wait_remaining_seconds: _, ...lasting } = connection;
    const text = JSON.stringify(lasting);
    // While nothing happens it is left alone, for those who are reading it.
    if (text === this.shown.text) return;
    this.shown.text = text;
    const old = byId("detail-body").querySelector(".scroll");
    const [left, hasFocus] = [old?.scrollLeft ?? 0, old === document.activeElement];
    byId("detail-body").replaceChildren(facts(connection), ladderTable(connection));
    const scroll = byId("detail-body").querySelector(".scroll");
    scroll.scrollLeft = left;
    if (hasFocus) scroll.focus({ preventScroll: true });
  },

  // The one that is open, with its segments, until it is closed or no longer listed.
  async renew() {
    const { id } = this.shown;
    const isWanted = () => byId("detail").open && this.shown.id === id;
    try {
      const answer = await fetch(`/api/v1/connections?id=${id}&segments=true`);
      const found = answer.ok ? (await answer.json()).connections[0] : null;
      if (!isWanted()) return;
      if (found && !view.frozen) this.fill(found);
      if (answer.ok && !found) return;
    } catch {
      // The daemon may come back.
    }
    setTimeout(() => isWanted() && this.renew(), 2000);
  },
};

function facts(connection) {
  const times = connection.start
    ? `${connection.start} to ${connection.end} (${connection.duration_seconds < 1e-3 ? elapsed(connection.duration_seconds) : span(connection.duration_seconds)})`
    : "known from the kernel's table alone";
  const owner = connection.owner?.unit ? [connection.owner.unit, connection.owner.command].filter(Boolean).join(", ") : null;
  const cause = connection.close_cause
    ? `${connection.close_cause}${connection.confidence == null ? "" : ` (confidence ${Number(connection.confidence.toFixed(2))})`}`
    : connection.cause_pending ? "pending: it takes up to a minute to know" : null;
  const known = [
    ["First and last packet", times],
    ["Closed first", connection.closed_first ?? "nobody"],
    ["Ended by", connection.close_kind ?? "it is open"],
    ["Cause", cause],
    ["Close asked for by", connection.close_requested_by],
    ["TIME_WAIT", connection.time_wait_side ? `held by ${connection.time_wait_side}${connection.time_wait_remaining_seconds == null ? "" : `, ${span(Math.ceil(connection.time_wait_remaining_seconds))} left`}` : null],
    ["Requests answered", connection.exchanges == null ? null : count(connection.exchanges)],
    ["Longest silence", connection.longest_idle_seconds == null ? null : span(connection.longest_idle_seconds)],
    ["From the client", connection.partial ? "not known: its payload was not captured all the time" : `${count(connection.client_packets)} packets, ${count(connection.client_bytes)} bytes, ${count(connection.client_retransmits)} sent again`],
    ["From the server", connection.partial ? null : `${count(connection.server_packets)} packets, ${count(connection.server_bytes)} bytes, ${count(connection.server_retransmits)} sent again`],
    ["Owner", owner],
    ["This host's end", connection.local_side],
    ["Interface", [connection.interface, connection.namespace].filter(Boolean).join(" in ") || null],
    ["Zeek", `${connection.conn_state}, history ${connection.history || "none"}`],
    ["Community ID", connection.community_id],
  ];
  return element("dl", { class: "facts" }, ...known.filter(([, value]) => value != null).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
