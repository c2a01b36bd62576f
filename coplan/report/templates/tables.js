"use strict";
// Tables: sort by a column, filter the rows of long ones, take them away as CSV.
(() => {
  const { csv, element, numberOr, root, save, words } = coplan;
  const LONG = 12;
  // A cell's own text and its change against the base; a link to where it comes from is neither.
  const texts = (cell) => {
    const change = cell.querySelector(".delta");
    const own = [...cell.childNodes].filter((part) => part !== change && part.className !== "source");
    return [own.map((part) => part.textContent).join("").trim(), change ? change.textContent : ""];
  };

  // Numbers by their value, texts by the page's language, what has no value last.
  const key = (cell) => {
    if (cell.dataset.sort !== undefined) return Number(cell.dataset.sort);
    return numberOr(texts(cell)[0]);
  };
  const isEmpty = (value) => value === "" || value === "–";
  const compare = (a, b, sign) => {
    if (isEmpty(a) || isEmpty(b)) return isEmpty(a) - isEmpty(b);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), root.lang, { numeric: true });
  };

  // Rows of one group name it once, as long as they stand together.
  const ungroup = (table, why, is) => {
    const reasons = new Set((table.dataset.loose || "").split(" ").filter(Boolean));
    if (is) reasons.add(why); else reasons.delete(why);
    table.dataset.loose = [...reasons].join(" ");
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = element("button", { type: "button", title: words.sort }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
        const order = next === undefined ? "ascending" : next;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        let rows = original;
        if (order) {
          head.setAttribute("aria-sort", order);
          const sign = order === "ascending" ? 1 : -1;
          const isSum = (row) => row.classList.contains("total");
          rows = original.filter((row) => !isSum(row))
            .sort((a, b) => compare(key(a.cells[column]), key(b.cells[column]), sign))
            .concat(original.filter(isSum));
        }
        body.append(...rows);
        ungroup(table, "sorted", order);
      });
    });
  };

  const table_csv = (table) => {
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    const rows = [...table.tBodies[0].rows]
      .filter((row) => !row.hidden && row.dataset.away === undefined)
      .map((row) => [...row.cells].map(texts));
    const changes = heads.map((_, j) => rows.some((row) => row[j][1]));
    const away = [...table.tHead.rows[0].cells].map((head) => head.dataset.away !== undefined);
    const spread = (pairs) => pairs.flatMap(([value, change], j) =>
      away[j] ? [] : changes[j] ? [value, change] : [value]);
    const head = spread(heads.map((text) => [text, `${text} (${words.change})`]));
    return csv([head, ...rows.map((row) => spread(row).map(numberOr))]);
  };

  for (const box of document.querySelectorAll(".scroll.table")) {
    const table = box.querySelector("table");
    sortable(table);
    const name = box.dataset.table;
    const label = table.caption.textContent.trim();
    const tools = element("div", { className: "tools", role: "group" });
    tools.setAttribute("aria-label", label);
    const rows = [...table.tBodies[0].rows];
    if (rows.length > LONG) {
      const input = element("input", { type: "search", autocomplete: "off" });
      const count = element("output", { textContent: `${rows.length} ${words.rows}` });
      input.addEventListener("input", () => {
        const wanted = input.value.trim().toLowerCase();
        for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
        ungroup(table, "filtered", wanted);
        const shown = rows.filter((row) => !row.hidden).length;
        count.textContent = `${shown}/${rows.length} ${words.rows}`;
      });
      tools.append(element("label", {}, `${words.filter} `, input), count);
    }
    const button = element("button", { type: "button", textContent: "CSV" });
    button.setAttribute("aria-label", `CSV ${label}`);
    button.addEventListener("click", () => save(name, table_csv(table)));
    tools.append(button);
    box.before(tools);
  }
})();
