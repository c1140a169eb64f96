"use strict";
/* Search, sort, filter, CSV and XLSX for every table. Without it each table is read as it stands. */
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
const bytesOf = (text) => new TextEncoder().encode(text);
const checksum = (bytes) => {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};
/* A zip file without compression: [length in bytes, value] for each number of its records. */
const packed = (...fields) => fields.flatMap(([length, value]) => Array.from({ length }, (_, place) => (value / 2 ** (8 * place)) & 255));
const zipped = (files) => {
  const parts = [], index = [];
  let offset = 0, indexLength = 0;
  for (const [path, text] of files) {
    const name = bytesOf(path), bytes = bytesOf(text);
    const about = packed([2, 20], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, checksum(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length]);
    const head = Uint8Array.from([...packed([4, 0x04034b50]), ...about, ...packed([2, 0]), ...name]);
    const entry = Uint8Array.from([...packed([4, 0x02014b50], [2, 20]), ...about, ...packed([2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), ...name]);
    parts.push(head, bytes);
    index.push(entry);
    offset += head.length + bytes.length;
    indexLength += entry.length;
  }
  const count = files.length;
  const end = packed([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, indexLength], [4, offset], [2, 0]);
  return [...parts, ...index, Uint8Array.from(end)];
};
const xmlText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/[^\t\x20-\ud7ff\ue000-\ufffd]/g, "");
/* The names of the file format. They are compared as texts, and nothing is fetched from them. */
const OFFICE = "http://schemas.openxmlformats.org/";
const PACKAGE = OFFICE + "package/2006/", DOCUMENT = OFFICE + "officeDocument/2006/relationships", SHEET = OFFICE + "spreadsheetml/2006/main";
const sheetCell = (text, isFigure) => {
  const found = isFigure && text.replace(/,/g, "").match(/^(-?\d+(?:\.\d+)?)(%?)$/);
  if (!found) return '<c t="inlineStr"><is><t xml:space="preserve">' + xmlText(text) + "</t></is></c>";
  return found[2] ? '<c s="1"><v>' + Number(found[1]) / 100 + "</v></c>" : "<c><v>" + found[1] + "</v></c>";
};
const workbook = (lines) => {
  const start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
  const related = (id, type, target) => '<Relationship Id="' + id + '" Type="' + DOCUMENT + "/" + type + '" Target="' + target + '"/>';
  const relations = (...each) => start + '<Relationships xmlns="' + PACKAGE + 'relationships">' + each.join("") + "</Relationships>";
  const override = (path, type) => '<Override PartName="' + path + '" ContentType="' + kind + type + '+xml"/>';
  const rows = lines.map((cells) => "<row>" + cells.map(([text, isFigure]) => sheetCell(text, isFigure)).join("") + "</row>");
  return zipped([
    ["[Content_Types].xml", start + '<Types xmlns="' + PACKAGE + 'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      override("/xl/workbook.xml", "sheet.main") + override("/xl/worksheets/sheet1.xml", "worksheet") + override("/xl/styles.xml", "styles") + "</Types>"],
    ["_rels/.rels", relations(related("r1", "officeDocument", "xl/workbook.xml"))],
    ["xl/workbook.xml", start + '<workbook xmlns="' + SHEET + '" xmlns:r="' + DOCUMENT + '"><sheets><sheet name="Table" sheetId="1" r:id="r1"/></sheets></workbook>'],
    ["xl/_rels/workbook.xml.rels", relations(related("r1", "worksheet", "worksheets/sheet1.xml"), related("r2", "styles", "styles.xml"))],
    ["xl/styles.xml", start + '<styleSheet xmlns="' + SHEET + '"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><fonts count="1"><font/></fonts>' +
      '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'],
    ["xl/worksheets/sheet1.xml", start + '<worksheet xmlns="' + SHEET + '"><sheetData>' + rows.join("") + "</sheetData></worksheet>"],
  ]);
};
const saved = (parts, type, name) => {
  const link = make("a", "", { download: name });
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.click();
  URL.revokeObjectURL(link.href);
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
  const name = caption.replace(/[^\w]+/g, "-").toLowerCase();
  const shownLines = () => [heads, ...[...body.rows].filter((row) => !row.hidden).map((row) => [...row.cells])];
  const asCsv = make("button", "Download CSV", { type: "button" });
  asCsv.addEventListener("click", () => {
    const text = shownLines().map((cells) => cells.map((cell) => quoted(textOf(cell))).join(",")).join("\r\n");
    saved(["\ufeff" + text + "\r\n"], "text/csv", name + ".csv");
  });
  const asXlsx = make("button", "Download XLSX", { type: "button" });
  asXlsx.addEventListener("click", () => {
    const lines = shownLines().map((cells) => cells.map((cell) => [textOf(cell), cell.tagName === "TD" && cell.classList.contains("number")]));
    saved(workbook(lines), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name + ".xlsx");
  });
  tools.append(asCsv, asXlsx, said);
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
