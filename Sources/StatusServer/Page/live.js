// The page from second to second: events in, figures out.

const view = {
  frozen: false,
  last: 0,
  uptime: 0,
  before: null,
  pending: {},

  start() {
    chart.start();
    this.tables();
    connections.start();
    byId("freeze").addEventListener("click", () => this.freeze());
    byId("help-open").addEventListener("click", () => byId("help").showModal());
    addEventListener("keydown", (event) => this.key(event));
    this.follow();
    setInterval(() => this.tellLink(), 1000);
  },

  // Events.

  follow() {
    this.source?.close();
    const source = new EventSource("/api/v1/events");
    this.source = source;
    let isFirst = true;
    for (const name of ["status", "destinations", "peers"]) {
      source.addEventListener(name, (event) => {
        if (name === "status" && isFirst) chart.load();
        if (name === "status") isFirst = false;
        this.take(name, JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      isFirst = true;
      // Refused for good (too many pages are open): EventSource does not try again itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.source === source && this.follow(), 3000);
      this.tellLink();
    });
  },

  take(name, document) {
    this.last = Date.now();
    if (name === "status") {
      if (document.uptime_seconds < this.uptime) this.restarted = Date.now();
      this.uptime = document.uptime_seconds;
      this.rates = ratesBetween(this.pending.status, document);
      chart.add(document);
    }
    this.pending[name] = document;
    this.schedule();
    this.tellLink();
  },

  // Once for all that came together, and not at all while nobody looks.
  schedule() {
    if (this.frozen || this.isScheduled) return;
    this.isScheduled = true;
    requestAnimationFrame(() => {
      this.isScheduled = false;
      if (!this.frozen) this.draw();
    });
  },

  tellLink() {
    const place = byId("link");
    const age = (Date.now() - this.last) / 1000;
    const isLost = !this.last || age > 4;
    place.classList.toggle("lost", isLost && this.last > 0);
    if (!this.last) setText(place, "connecting");
    else if (isLost) setText(place, `no word for ${span(Math.round(age))}; trying again`);
    else if (this.frozen) setText(place, "frozen");
    else setText(place, Date.now() - this.restarted < 60000 ? "live (the daemon was restarted)" : "live");
  },

  freeze() {
    this.frozen = !this.frozen;
    byId("freeze").setAttribute("aria-pressed", this.frozen);
    setText(byId("freeze"), this.frozen ? "Go on" : "Freeze");
    if (!this.frozen) this.draw();
    this.tellLink();
  },

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      event.preventDefault();
      byId("filter").focus();
    } else if (event.key === "f") this.freeze();
    else if (event.key === "?") byId("help").showModal();
    else if (/^[1-8]$/.test(event.key)) document.querySelectorAll("nav a")[Number(event.key) - 1].click();
  },

  // Drawing.

  tables() {
    this.closers = barTable(byId("closers"), "Connections by who sent the first FIN or RST", "No connection yet.");
    this.kinds = barTable(byId("kinds"), "Connections that ended, by how", "None has ended yet.");
    this.causes = barTable(byId("causes"), "Connections that ended, by the reason decided", "No reason decided yet: it takes up to a minute.");
    this.states = new SortedTable(byId("states"), {
      caption: "Ends by state",
      empty: "No connection is in the table.",
      key: (row) => row.state,
      columns: [
        { title: "State", value: (row) => row.state },
        { title: "This host", value: (row) => row.local, number: true },
        { title: "Far ends", value: (row) => row.remote, number: true },
        { title: "Passing", value: (row) => row.transit, number: true },
        { title: "Clients", value: (row) => row.client, number: true },
        { title: "Servers", value: (row) => row.server, number: true },
      ],
    });
    this.services = new SortedTable(byId("services-table"), {
      caption: "Services",
      empty: "No service yet.",
      key: (row) => endpoint(row.address, row.port),
      columns: [
        { title: "Service", value: (row) => endpoint(row.address, row.port), action: (row) => connections.show(`dst ${endpoint(row.address, row.port)}`) },
        { title: "Server TIME_WAIT", value: (row) => row.time_wait.server, number: true },
        { title: "Client TIME_WAIT", value: (row) => row.time_wait.client, number: true },
        { title: "Closed first", value: (row) => most(row.closed_first, ["none"]) },
        { title: "Mainly why", value: (row) => most(row.close_cause) },
        { title: "Open", value: (row) => row.open, number: true },
        { title: "Connections", value: (row) => row.connections, number: true },
        { title: "Requests each", value: (row) => row.exchanges_per_connection?.mean, text: (row) => number(row.exchanges_per_connection?.mean), number: true },
        { title: "Owner", value: (row) => row.owner },
      ],
    });
    this.destinations = new SortedTable(byId("destinations-table"), {
      caption: "Destinations",
      empty: "No client of this host connects anywhere.",
      key: (row) => `${row.address} ${row.destination}`,
      sort: { index: 2, descending: true },
      columns: [
        { title: "Destination", value: (row) => row.destination, action: (row) => connections.show(`dst ${row.destination} and src ${row.address}`) },
        { title: "From", value: (row) => row.address },
        { title: "Ports", value: (row) => row.ports_used, text: (row) => portsText(row), bar: (row) => row.share ?? null },
        { title: "TIME_WAIT", value: (row) => row.time_wait, number: true },
        { title: "Closed per s", value: (row) => row.closes_per_second, text: (row) => number(row.closes_per_second), number: true },
        { title: "Run out in", value: (row) => row.seconds_to_exhaustion, text: (row) => (row.seconds_to_exhaustion == null ? "not as things go" : span(row.seconds_to_exhaustion)), number: true },
        { title: "Would settle at", value: (row) => row.steady_state, text: (row) => (row.steady_state == null ? "–" : count(Math.round(row.steady_state))), number: true },
        { title: "Refused", value: (row) => row.refused, number: true },
        { title: "Unanswered", value: (row) => row.unanswered, number: true },
      ],
    });
    this.owners = new SortedTable(byId("owners-table"), {
      caption: "Owners",
      empty: "No end of this host, or nobody known to hold one.",
      key: (row) => row.unit ?? "",
      sort: { index: 3, descending: true },
      columns: [
        { title: "Owner", value: (row) => row.unit ?? "(not known)", action: (row) => connections.show(`owner ${row.unit ?? "none"}`) },
        { title: "Connections", value: (row) => row.connections, number: true },
        { title: "Open", value: (row) => row.open, number: true },
        { title: "TIME_WAIT", value: (row) => row.time_wait, number: true },
        { title: "CLOSE_WAIT", value: (row) => row.states?.CLOSE_WAIT, number: true },
        { title: "ESTABLISHED", value: (row) => row.states?.ESTABLISHED, number: true },
      ],
    });
    this.peers = new SortedTable(byId("peers-table"), {
      caption: "Peers",
      empty: "No client yet.",
      key: (row) => `${row.address} ${row.service}`,
      sort: { index: 4, descending: true },
      columns: [
        { title: "Client", value: (row) => row.address, action: (row) => connections.show(`src ${row.address} and dst ${row.service}`) },
        { title: "Service", value: (row) => row.service },
        { title: "Connections", value: (row) => row.connections, number: true },
        { title: "Open", value: (row) => row.open, number: true },
        { title: "TIME_WAIT", value: (row) => row.time_wait.client + row.time_wait.server, number: true },
        { title: "Closed first", value: (row) => most(row.closed_first, ["none"]) },
        { title: "New ports", value: (row) => row.new_ports, number: true },
        { title: "Latest ports", value: (row) => (row.recent_ports ?? []).slice(0, 3).join(" ") },
      ],
    });
  },

  draw() {
    const { status, destinations, peers } = this.pending;
    if (destinations) this.destinations.update(destinations.destinations);
    if (peers) this.peers.update(peers.peers);
    if (!status) return;
    document.title = `${status.local_time_wait.host} TIME_WAIT · tcpstated ${safe(status.host)}`;
    setText(byId("host"), `on ${status.host}, ${status.version}, up ${span(status.uptime_seconds)}`);
    this.drawTiles(status);
    this.drawStates(status);
    const { none, ...closers } = status.closed_first;
    this.closers({ ...closers, nobody: none });
    this.kinds(status.close_kind);
    this.causes(status.close_cause);
    this.services.update(status.services);
    this.owners.update(status.owners ?? []);
    drawAlerts(status.alerts ?? [], status.time);
    drawSilences(status.silences ?? []);
    drawDeliveries(status.deliveries ?? []);
    drawFindings(status.findings ?? []);
  },

  drawTiles(status) {
    const { kernel, host } = status.local_time_wait;
    const drops = status.interfaces.reduce((total, each) => total + each.dropped, 0);
    tiles([
      ["TIME_WAIT on this host", count(host), kernel == null ? "the kernel was not asked" : `the kernel ${count(kernel)}${status.kernel?.age_seconds == null ? "" : `, ${span(Math.ceil(status.kernel.age_seconds))} ago`}`],
      ["TIME_WAIT of far ends", count(status.local.remote.TIME_WAIT), `passing through ${count(status.transit.TIME_WAIT)}`],
      ["Open", count(status.open), `${count(status.connections)} seen`],
      ["Opened per second", number(this.rates?.opened), `closed ${number(this.rates?.closed)}`],
      ["Highest TIME_WAIT", count(Math.max(status.time_wait.peak_server, status.time_wait.peak_client)), `servers ${count(status.time_wait.peak_server)}, clients ${count(status.time_wait.peak_client)}`],
      ["Packets", count(status.packets), this.loss(status.capture, drops)],
    ]);
  },

  // What capture does not see makes figures lower bounds.
  loss(capture, drops) {
    const lost = drops ? `${count(drops)} lost by capture` : "none lost by capture";
    if (!capture?.lower_bound) return lost;
    const tier = capture.tier === "full" ? "" : `, tier ${capture.tier}${capture.tier === capture.configured ? "" : ` instead of ${capture.configured}`}`;
    return `${lost}${tier}: figures are lower bounds`;
  },

  drawStates(status) {
    const names = Object.keys(status.states.client);
    const rows = names.map((state) => ({
      state,
      local: status.local.local[state],
      remote: status.local.remote[state],
      transit: status.transit[state],
      client: status.states.client[state],
      server: status.states.server[state],
    }));
    this.states.update(rows.filter((row) => row.client || row.server));
  },
};

function ratesBetween(before, now) {
  const seconds = before ? (Date.parse(now.time) - Date.parse(before.time)) / 1000 : 0;
  const opened = now.connections - before?.connections;
  if (!(seconds > 0.2) || opened < 0) return null;
  return { opened: opened / seconds, closed: Math.max(sum(now.close_kind) - sum(before.close_kind), 0) / seconds };
}

const number = (value) => (value == null ? "–" : grouped.format(Number(value.toFixed(value < 10 ? 1 : 0))));

// Three digits of what was measured, all of what was counted.
const figure = (value) => (typeof value !== "number" ? value : grouped.format(Number.isInteger(value) ? value : Number(value.toPrecision(3))));

const portsText = (row) => (row.ports_limit ? `${count(row.ports_used)} of ${count(row.ports_limit)} (${share(row.ports_used, row.ports_limit)})` : count(row.ports_used));

function tiles(entries) {
  const place = byId("tiles");
  entries.forEach(([name, value, note], index) => {
    const tile = place.children[index] ?? place.appendChild(element("div", {}, element("dt"), element("dd", { class: "value" }), element("dd", { class: "note" })));
    [name, value, note].forEach((text, part) => setText(tile.children[part], text));
  });
}

function drawAlerts(alerts, time) {
  const rank = { firing: 0, pending: 1, resolved: 2 };
  const sorted = [...alerts].sort((a, b) => rank[a.state] - rank[b.state]);
  const firing = sorted.filter(({ state }) => state === "firing");
  fill(byId("firing"), firing.map((alert) => element("p", {}, element("strong", {}, `${alert.severity}: ${alert.name}. `), alert.summary)), firing.map((alert) => alert.id + alert.summary));
  const articles = sorted.map((alert) => {
    const since = Date.parse(alert.resolved_at ?? time) - Date.parse(alert.since);
    return element(
      "article", { class: alert.state },
      element("span", { class: "badge" }, alert.silenced_by ? `${alert.state}, silenced` : alert.state), element("h3", {}, alert.name),
      element("p", {}, alert.summary),
      element("p", { class: "hint" }, `${alert.severity}; ${number(alert.value)} now, fires at ${number(alert.raise)}, clears below ${number(alert.clear)}; for ${span(since / 1000)}`),
      evidence(alert),
    );
  });
  fill(byId("alerts-list"), articles.length ? articles : [element("p", { class: "empty" }, "No alerts.")], sorted.map((alert) => [alert.id, alert.state, alert.value, alert.summary, alert.capture, alert.silenced_by]));
}

function drawSilences(silences) {
  const lines = silences.map((silence) => element("li", {}, element("strong", {}, silence.matchers.join(" ")), ` until ${silence.ends_at.slice(0, 19).replace("T", " ")} UTC (${silence.id}${silence.comment ? `: ${silence.comment}` : ""}); holds ${count(silence.alerts.length)} now`));
  fill(byId("silences"), lines.length ? [element("h3", {}, "Silences"), element("ul", {}, ...lines)] : [], silences);
}

function drawDeliveries(deliveries) {
  const lines = deliveries.map((each) => element("li", { class: each.last_error ? "problem" : "" }, `${each.kind} ${each.name}: ${count(each.delivered)} delivered, ${count(each.waiting)} waiting, ${count(each.failed)} failed, ${count(each.dropped)} dropped${each.last_error ? `; ${each.last_error}` : ""}`));
  fill(byId("deliveries"), lines.length ? [element("h3", {}, "Deliveries"), element("ul", {}, ...lines)] : [], deliveries);
}

function evidence(alert) {
  const shares = (list, name) => (list ?? []).map((each) => `${each[name] ?? "not known"} (${count(each.count)})`).join(", ");
  const known = [
    ["Services", shares(alert.evidence.services, "service")],
    ["Owners", shares(alert.evidence.owners, "unit")],
    ["Peers", shares(alert.evidence.peers, "address")],
    ["Closed first", most(alert.evidence.closed_first, ["none"])],
    ["Causes", Object.entries(alert.evidence.close_cause ?? {}).map(([name, number]) => `${name} ${count(number)}`).join(", ")],
    ["Capture", captureOf(alert)],
  ];
  return element("dl", { class: "facts" }, ...known.filter(([, value]) => value && value !== "–").flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

// Packets are for those who may use the daemon's socket: a page that came from elsewhere only says where they are.
function captureOf(alert) {
  if (!alert.capture) return null;
  if (document.body.dataset.packets !== "yes") return `${alert.capture} (a link where the page comes from http.socket)`;
  return element("a", { href: `/api/v1/alert-capture?id=${encodeURIComponent(alert.id)}`, download: `${alert.name}.pcapng` }, alert.capture);
}

function drawFindings(findings) {
  const articles = findings.map((finding) => {
    const known = Object.entries(finding.evidence ?? {}).filter(([, value]) => value != null && typeof value !== "object");
    return element(
      "article", { class: finding.severity },
      element("span", { class: "badge" }, finding.severity), element("h3", {}, finding.id),
      element("p", {}, finding.summary), element("p", {}, finding.advice),
      element("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, figure(value))])),
    );
  });
  fill(byId("findings-list"), articles.length ? articles : [element("p", { class: "empty" }, "Nothing to say.")], findings);
}

// Only when something changed: what is read aloud is not to begin anew each second.
function fill(place, nodes, from) {
  const state = JSON.stringify(from);
  if (place.shown === state) return;
  place.shown = state;
  place.replaceChildren(...nodes);
}

view.start();
