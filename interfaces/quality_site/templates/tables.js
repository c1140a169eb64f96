"use strict";
/* Search, sort, filter and CSV for every table. Without it each table is read as it stands. */
const make = (name, words, attributes = {}) => {
  const made = Object.assign(document.createElement(name), { textContent: words });
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
const textOf = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
const figureOf = (text) => {
  const found = text.replace(/,/g, "").match(/^-?\d+(\.\d+)?/);
  return found ? Number(found[0]) : -Infinity;
};
const quoted = (text) => {
  const safe = /^[=+@\t]|^-(?!\d)/.test(text) ? "'" + text : text;
  return '"' + safe.replace(/"/g, '""') + '"';
};
let made = 0;
const equip = (table) => {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  if (rows.length < 2) return;
  const number = (made += 1);
  const caption = textOf(table.caption);
  const tools = make("details", "", { class: "tools" });
  tools.open = rows.length > 11;
  tools.append(make("summary", "Search, filter, download"));
  const search = make("input", "", { type: "search", id: "search-" + number });
  const said = make("span", "", { class: "quiet", role: "status" });
  const filters = [];
  const show = () => {
    const wanted = search.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      const isIn = textOf(row).toLowerCase().includes(wanted) &&
        filters.every(([place, chosen]) => !chosen.value || textOf(row.cells[place]) === chosen.value);
      row.hidden = !isIn;
      count += isIn;
    }
    said.textContent = count === rows.length ? rows.length + " rows" : count + " of " + rows.length + " rows";
  };
  tools.append(make("label", "Search", { for: search.id }), search);
  heads.forEach((head, place) => {
    const values = [...new Set(rows.map((row) => row.cells[place] ? textOf(row.cells[place]) : ""))];
    if (head.classList.contains("number") || values.length < 2 || values.length > 24 ||
        values.length === rows.length || filters.length > 2) return;
    const chosen = make("select", "", { id: "filter-" + number + "-" + place });
    chosen.append(make("option", "all", { value: "" }));
    values.sort().forEach((value) => chosen.append(make("option", value || "(empty)", { value })));
    chosen.addEventListener("change", show);
    tools.append(make("label", textOf(head), { for: chosen.id }), chosen);
    filters.push([place, chosen]);
  });
  search.addEventListener("input", show);
  const save = make("button", "Download CSV", { type: "button" });
  save.addEventListener("click", () => {
    const lines = [heads, ...[...body.rows].filter((row) => !row.hidden).map((row) => [...row.cells])];
    const text = lines.map((cells) => cells.map((cell) => quoted(textOf(cell))).join(",")).join("\r\n");
    const link = make("a", "", { download: caption.replace(/[^\w]+/g, "-").toLowerCase() + ".csv" });
    link.href = URL.createObjectURL(new Blob(["\ufeff" + text + "\r\n"], { type: "text/csv" }));
    link.click();
    URL.revokeObjectURL(link.href);
  });
  tools.append(save, said);
  (table.closest(".scroll") || table).before(tools);
  heads.forEach((head, place) => {
    const button = make("button", textOf(head), { type: "button", class: "sort" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      const isFigure = head.classList.contains("number");
      rows.sort((one, other) => {
        const [left, right] = [one, other].map((row) => row.cells[place] ? textOf(row.cells[place]) : "");
        const order = isFigure ? figureOf(left) - figureOf(right) || 0 : left.localeCompare(right, "en", { numeric: true });
        return isUp ? order : -order;
      });
      body.append(...rows);
    });
  });
  show();
};
document.querySelectorAll("main table").forEach(equip);
