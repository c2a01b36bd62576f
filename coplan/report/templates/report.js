"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  let paint = () => {};

  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    paint();
  });
  dark.addEventListener("change", () => paint());

  // Sorting: numbers by their exact value, texts by the page's language, sums stay below.
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
  };
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
      const order = next === undefined ? "ascending" : next;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      let rows = original;
      if (order) {
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const sums = original.filter((row) => row.classList.contains("total"));
        rows = original.filter((row) => !row.classList.contains("total")).sort((a, b) => {
          const x = key(a, column), y = key(b, column);
          if (typeof x === "number" && typeof y === "number") return sign * (x - y);
          return sign * String(x).localeCompare(String(y), root.lang);
        }).concat(sums);
      }
      rows.forEach((row) => body.append(row));
    }));
  }

  const data = document.getElementById("year-data");
  if (!data || !window.Bokeh) return;
  const family = '13px "Noto Sans CJK SC"';
  document.fonts.load(family, "风 Wind 2").then(async () => {
    const { doc, root: id, start } = JSON.parse(data.textContent);
    await Bokeh.embed.embed_items({ year: doc },
      [{ docid: "year", roots: { [id]: "year-chart" }, root_ids: [id] }]);
    const model = Bokeh.documents[0];
    const plot = model.get_model_by_name("year");
    const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
    paint = () => {
      const ink = colour("--ink"), muted = colour("--muted"), line = colour("--line");
      for (const part of [...plot.below, ...plot.left, ...plot.center]) {
        if ("major_label_text_color" in part) {
          part.major_label_text_color = muted;
          part.axis_label_text_color = muted;
          part.axis_line_color = line;
          part.major_tick_line_color = line;
        }
        if ("label_text_color" in part) part.label_text_color = ink;
        if ("grid_line_color" in part && part.dimension === 1) part.grid_line_color = line;
      }
      model.get_model_by_name("load").glyph.line_color = colour("--load");
      const grid = model.get_model_by_name("retail");
      if (grid) grid.glyph.fill_color = colour("--grid-power");
    };
    paint();

    const range = plot.x_range, hour = 3600000;
    const first = range.start, last = range.end;
    const show = (start, span) => {
      const from = Math.max(first, Math.min(start, last - span));
      range.setv({ start: from, end: Math.min(last, from + span) });
    };
    if (last - first > 60 * 24 * hour) show(start - 72 * hour, 14 * 24 * hour);
    for (const button of document.querySelectorAll(".tools button")) {
      button.addEventListener("click", () => {
        const span = range.end - range.start;
        if (button.dataset.span) show(range.start, button.dataset.span * hour);
        else show(range.start + button.dataset.move * span, span);
      });
    }
    const wheel = model.get_model_by_name("wheel");
    const box = document.getElementById("year-chart");
    box.addEventListener("pointerdown", () => { wheel.active = true; });
    box.addEventListener("pointerleave", () => { wheel.active = false; });
  });
})();
