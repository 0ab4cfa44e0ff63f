// TIME_WAIT over time, with the line at which the alert fires.

const chart = {
  samples: [],
  step: 1,
  rules: [],
  series: {
    place: [["local", "this host"], ["remote", "far ends"], ["transit", "passing through"]],
    role: [["server", "servers"], ["client", "clients"]],
  },

  get wanted() { return Number(byId("chart-span").value); },

  start() {
    byId("chart-span").addEventListener("change", () => this.load());
    byId("chart-side").addEventListener("change", () => this.draw());
    byId("chart-cursor").addEventListener("input", () => this.draw());
    byId("chart").addEventListener("pointermove", (event) => this.point(event));
    new ResizeObserver(() => this.draw()).observe(byId("chart"));
  },

  async load() {
    const wanted = this.wanted;
    try {
      const answer = await fetch(`/api/v1/history?span=${wanted}s`);
      const { step_seconds, samples } = await answer.json();
      if (wanted !== this.wanted || !answer.ok) return;
      const known = samples.map(({ time, time_wait }) => ({ at: Date.parse(time), ...time_wait }));
      // What the page saw before the daemon started anew.
      const older = step_seconds === this.step && known.length ? this.samples.filter(({ at }) => at < known[0].at) : [];
      this.step = step_seconds;
      this.samples = older.concat(known);
      this.draw();
    } catch {
      // The next event tries again.
    }
  },

  add(status) {
    const at = Date.parse(status.time);
    if (!(at > 0)) return;
    this.rules = (status.alert_rules ?? []).filter(({ metric, by }) => metric === "time_wait" && by === "host");
    const now = {
      at,
      local: status.local?.local?.TIME_WAIT ?? 0,
      remote: status.local?.remote?.TIME_WAIT ?? 0,
      transit: status.transit?.TIME_WAIT ?? 0,
      client: status.time_wait.client,
      server: status.time_wait.server,
    };
    const last = this.samples.at(-1);
    const slot = (time) => Math.floor(time / (this.step * 1000));
    if (last && slot(last.at) >= slot(at)) {
      if (slot(last.at) > slot(at)) return;
      for (const name of ["local", "remote", "transit", "client", "server"]) last[name] = this.step === 1 ? now[name] : Math.max(last[name], now[name]);
    } else {
      this.samples.push(now);
    }
    const oldest = at - this.wanted * 1000;
    while (this.samples.length && this.samples[0].at < oldest) this.samples.shift();
    this.draw();
  },

  point(event) {
    const box = byId("chart").getBoundingClientRect();
    const part = (event.clientX - box.left - this.left) / (box.width - this.left - this.right);
    byId("chart-cursor").value = Math.round(Math.min(Math.max(part, 0), 1) * 1000);
    this.draw();
  },

  left: 52,
  right: 118,

  draw() {
    const svg = byId("chart");
    const { width, height } = svg.getBoundingClientRect();
    if (width < 50) return;
    const side = byId("chart-side").value;
    const series = this.series[side].filter(([name], index) => index < 2 || this.samples.some((sample) => sample[name] > 0));
    const last = width < 520 ? null : this.samples.at(-1);
    const labels = last ? series.map(([name, label]) => `${label} ${count(last[name])}`) : [];
    // A character has 7 px of 12, on the whole; 34 are for the piece of line before them.
    this.right = Math.max(12, ...labels.map((label) => 34 + 7.2 * label.length));
    const rules = this.rules.filter((rule) => series.some(([name]) => name === rule.side));
    const end = this.samples.at(-1)?.at ?? Date.now();
    const begin = end - this.wanted * 1000;
    const highest = Math.max(10, ...rules.map(({ raise }) => raise * 1.08), ...this.samples.flatMap((sample) => series.map(([name]) => sample[name])));
    const unit = niceStep(highest / 4);
    const top = Math.ceil(highest / unit) * unit;
    const x = (at) => this.left + ((at - begin) / (end - begin)) * (width - this.left - this.right);
    const y = (value) => 8 + (1 - value / top) * (height - 34);
    const parts = [];
    for (let value = 0; value <= top; value += unit) {
      parts.push(line("axis", this.left, y(value), width - this.right, y(value)), words(count(value), this.left - 6, y(value) + 4, "end"));
    }
    const marks = width < 520 ? 3 : 6;
    for (let mark = 0; mark < marks; mark += 1) {
      const at = begin + ((end - begin) * mark) / (marks - 1);
      parts.push(words(clock(at, this.wanted <= 3600), x(at), height - 8, mark === 0 ? "start" : mark === marks - 1 ? "end" : "middle"));
    }
    for (const { raise, name } of rules) {
      parts.push(line("alarm", this.left, y(raise), width - this.right, y(raise)));
      parts.push(words(`${name} fires at ${count(raise)}`, this.left + 6, y(raise) - 5, "start", "alarm-text"));
    }
    series.forEach(([name], index) => {
      const style = this.series[side].findIndex(([other]) => other === name);
      parts.push(shape("path", { class: `series s${style}`, d: this.path(name, x, y) }));
      if (last) {
        const at = labelPlaces(series.map(([other]) => y(last[other])))[index];
        parts.push(line(`series s${style}`, width - this.right + 4, at, width - this.right + 26, at), words(labels[index], width - this.right + 30, at + 4, "start"));
      }
    });
    const reading = this.reading(series, begin, end);
    if (reading) parts.push(line("cursor-line", x(reading.at), 8, x(reading.at), height - 26));
    svg.replaceChildren(...parts);
    this.tell(series, rules, reading);
  },

  // A line is not drawn over a time that nobody watched.
  path(name, x, y) {
    const gap = this.step * 1000 * 4;
    return this.samples
      .map((sample, index) => {
        const begins = index === 0 || sample.at - this.samples[index - 1].at > gap;
        return `${begins ? "M" : "L"}${x(sample.at).toFixed(1)} ${y(sample[name]).toFixed(1)}`;
      })
      .join("");
  },

  reading(series, begin, end) {
    const wanted = begin + ((end - begin) * Number(byId("chart-cursor").value)) / 1000;
    return this.samples.reduce((best, sample) => (!best || Math.abs(sample.at - wanted) < Math.abs(best.at - wanted) ? sample : best), null);
  },

  tell(series, rules, reading) {
    const values = reading ? series.map(([name, label]) => `${label} ${count(reading[name])}`).join(", ") : "nothing yet";
    const text = reading ? `${clock(reading.at)}: ${values}` : values;
    setText(byId("chart-reading"), text);
    byId("chart-cursor").setAttribute("aria-valuetext", text);
    const lines = rules.map(({ name, raise }) => `; ${name} fires at ${count(raise)}`).join("");
    byId("chart").setAttribute("aria-label", `TIME_WAIT over time. ${text}${lines}`);
  },
};

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least && step >= 1) ?? 10 * power;
}

// Labels at least a line apart, in the order of their lines.
function labelPlaces(wanted) {
  const order = wanted.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at);
  order.forEach((place, index) => {
    if (index > 0) place.at = Math.max(place.at, order[index - 1].at + 15);
  });
  const places = [];
  for (const { at, index } of order) places[index] = at;
  return places;
}

function shape(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const line = (style, x1, y1, x2, y2) => shape("line", { class: style, x1, y1, x2, y2 });

function words(text, x, y, anchor, style = "") {
  const node = shape("text", { x, y, "text-anchor": anchor, class: style });
  node.textContent = safe(text);
  return node;
}
