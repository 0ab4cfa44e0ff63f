// Tables whose rows stay the same elements from one second to the next, so that focus and selection stay too.

class SortedTable {
  // A column: {title, value(row), text(row)?, number?, action(row)?, bar(row)?}; rows have a key.
  constructor(place, { caption, columns, key, sort, empty }) {
    Object.assign(this, { columns, key, empty, sort: sort ?? null, rows: [], shown: new Map() });
    this.heads = columns.map((column, index) => this.#head(column, index));
    this.body = element("tbody");
    this.table = element(
      "table",
      {},
      element("caption", { class: "hint" }, caption),
      element("thead", {}, element("tr", {}, ...this.heads)),
      this.body,
    );
    this.none = element("p", { class: "empty" }, empty);
    place.append(element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": caption }, this.table, this.none));
    this.#mark();
    this.update([]);
  }

  #head(column, index) {
    const button = element("button", { type: "button" }, column.title);
    button.addEventListener("click", () => {
      const descending = this.sort?.index === index ? !this.sort.descending : Boolean(column.number);
      this.sort = { index, descending };
      this.#mark();
      this.update(this.rows);
    });
    return element("th", { scope: "col", class: column.number ? "number" : "" }, button);
  }

  #mark() {
    this.heads.forEach((head, index) => {
      const isSorted = this.sort?.index === index;
      head.setAttribute("aria-sort", isSorted ? (this.sort.descending ? "descending" : "ascending") : "none");
      const arrow = isSorted ? (this.sort.descending ? " ▼" : " ▲") : "";
      setText(head.firstChild, this.columns[index].title + arrow);
    });
  }

  update(rows) {
    this.rows = rows;
    this.table.hidden = rows.length === 0;
    this.none.hidden = rows.length > 0;
    const sorted = sortRows(rows, this.columns, this.sort);
    const next = new Map();
    sorted.forEach((row, position) => {
      const key = this.key(row);
      const line = this.shown.get(key) ?? this.#line();
      next.set(key, line);
      line.row = row;
      this.columns.forEach((column, index) => fillCell(line.children[index], column, row));
      if (this.body.children[position] !== line) this.body.insertBefore(line, this.body.children[position] ?? null);
    });
    for (const [key, line] of this.shown) if (!next.has(key)) line.remove();
    this.shown = next;
  }

  #line() {
    const line = element("tr");
    line.append(...this.columns.map((column) => newCell(column, () => line.row)));
    return line;
  }
}

function sortRows(rows, columns, sort) {
  if (!sort) return rows;
  const { value } = columns[sort.index];
  const sign = sort.descending ? -1 : 1;
  const order = (a, b) => {
    if (a == null || b == null) return a == null ? (b == null ? 0 : 1) : -1;
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  };
  return [...rows].sort((a, b) => order(value(a), value(b)));
}

function newCell(column, row) {
  const cell = element("td", { class: [column.number ? "number" : "", column.bar ? "bar" : ""].join(" ").trim() });
  if (column.action) {
    const button = element("button", { type: "button", class: "plain" }, "");
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      column.action(row());
    });
    cell.append(button);
  } else if (column.bar) {
    cell.append(element("span"));
  }
  return cell;
}

function fillCell(cell, column, row) {
  const text = column.text ? column.text(row) : column.number ? count(column.value(row)) : column.value(row);
  setText(column.action || column.bar ? cell.firstChild : cell, text);
  if (!column.bar) return;
  const part = column.bar(row);
  cell.classList.toggle("none", !part);
  cell.style.setProperty("--share", Math.min(Math.max(part ?? 0, 0), 1).toFixed(4));
}

// Bars with their figures: {name, number} beside a whole.
function barTable(place, caption, empty) {
  let whole = 0;
  const table = new SortedTable(place, {
    caption,
    empty,
    key: (row) => row.name,
    columns: [
      { title: "Which", value: (row) => row.name, text: (row) => row.label ?? row.name, action: undefined },
      { title: "How many", value: (row) => row.number, number: true },
      { title: "Share", value: (row) => row.number, text: (row) => share(row.number, whole), bar: (row) => (whole ? row.number / whole : 0) },
    ],
  });
  return (counts, labels = {}) => {
    const named = Object.entries(counts ?? {}).filter(([, number]) => number > 0);
    whole = named.reduce((total, [, number]) => total + number, 0);
    named.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
    table.update(named.map(([name, number]) => ({ name, number, label: labels[name] })));
  };
}
