"use strict";
// The chart of the whole year: Bokeh draws, this file unpacks values, zooms, and reads them out.
(async () => {
  const { colour, csv, data, element, painters, root, save, unpacked, words } = coplan;
  const box = document.getElementById("year-chart");
  if (!box || !window.Bokeh) return;
  const [{ doc, root: id, start, step_h, jumps, steps, series }, packed] = await Promise.all([
    unpacked(data.year.about).then((found) => found.json()),
    unpacked(data.year.values).then((found) => found.arrayBuffer())]);
  const HOUR = 3600000;
  const THEMED = { load: "--load", retail: "--grid-power", stored: "--stored", price: "--fail" };

  const hours = new Float64Array(steps);
  jumps.forEach(([from, hour], j) => {
    const to = j + 1 < jumps.length ? jumps[j + 1][0] : steps;
    for (let t = from; t < to; t++) hours[t] = hour + (t - from) * step_h;
  });
  const times = hours.map((hour) => hour * HOUR);
  // A series is read out of the bytes when it is first asked for.
  series.forEach((one, k) => {
    const low = new Uint8Array(packed, 2 * k * steps, steps);
    const high = new Int8Array(packed, (2 * k + 1) * steps, steps);
    let values = null;
    Object.defineProperty(one, "values", { get: () => values ??= Float32Array.from(low,
      (byte, t) => high[t] === -128 ? NaN : (256 * high[t] + byte) * one.step) });
  });

  const stacked = (shape, sign, out) => {
    let level = new Float32Array(steps);
    for (const one of series.filter((s) => s.shape === shape)) {
      const after = one.shown ? level.map((value, t) => value + sign * one.values[t]) : level;
      out[`${one.name}_from`] = level;
      out[`${one.name}_to`] = after;
      level = after;
    }
  };
  const columns = () => {
    const out = { time: times };
    for (const one of series.filter((s) => s.shape === "line" && !s.apart)) {
      out[one.name] = one.values;
    }
    stacked("up", 1, out);
    stacked("down", -1, out);
    return out;
  };
  const day = new Intl.DateTimeFormat(root.lang, { month: "short", day: "numeric",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });
  // Any year without 29 February: hours are counted from its first.
  const written = (t) => day.format(Date.UTC(2001, 0, 1) + hours[t] * HOUR);
  const value = (one, t) => Number.isNaN(one.values[t]) ? "–"
    : `${one.values[t].toLocaleString("en", { minimumFractionDigits: one.digits,
      maximumFractionDigits: one.digits }).replace("-", "\u2212")} ${one.unit}`.trim();

  const use = (model) => {
    const named = (name) => model.get_model_by_name(name);
    const range = named("time"), source = named("values");
    const plots = ["power", "pue", "stored", "price"].filter((name) => series.some(
      (one) => one.panel === name)).map((name) => ({
      name, plot: named(`plot-${name}`), cursor: named(`cursor-${name}`),
      wheel: named(`wheel-${name}`) }));
    source.data = columns();

    const first = range.start, last = range.end;
    const show = (from, span) => {
      const wide = Math.min(Math.max(span, range.min_interval), last - first);
      const left = Math.max(first, Math.min(from, last - wide));
      range.setv({ start: left, end: left + wide });
    };
    const move = (part) => show(range.start + part * (range.end - range.start),
      range.end - range.start);
    const zoom = (factor) => {
      const span = range.end - range.start;
      show(range.start + (1 - factor) / 2 * span, factor * span);
    };
    const begin = () => {
      if (last - first > 60 * 24 * HOUR) show((start - 72) * HOUR, 14 * 24 * HOUR);
    };
    begin();

    // The value of each series at the hour read, beside its name.
    const time = document.getElementById("year-time");
    const said = document.getElementById("year-said");
    let at = null;
    const read = (t) => {
      at = t;
      for (const { cursor } of plots) cursor.location = t === null ? null : hours[t] * HOUR;
      time.textContent = t === null ? "" : written(t);
      for (const one of series) {
        one.reading.textContent = t === null || !one.shown ? "" : value(one, t);
      }
    };
    const step_at = (x) => {
      let low = 0, high = steps - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (hours[middle] * HOUR <= x) low = middle; else high = middle - 1;
      }
      return low;
    };
    const hidden = (name) => !series.some((one) => one.panel === name && one.shown);
    // Hours are written below the lowest plot that shows.
    const arrange = () => {
      for (const { name, plot } of plots) plot.visible = !hidden(name);
      const lowest = plots.findLast(({ plot }) => plot.visible);
      for (const one of plots) one.plot.below.forEach((axis) => { axis.visible = one === lowest; });
    };
    const legend = document.getElementById("year-series");
    const groups = new Map();
    const list = ({ group }) => {
      if (!group) return legend;
      if (!groups.has(group)) {
        groups.set(group, element("details", {}, element("summary", { textContent: group })));
        legend.append(groups.get(group));
      }
      return groups.get(group);
    };
    for (const one of series) {
      const input = element("input", { type: "checkbox", checked: one.shown });
      const swatch = element("span", { className: `swatch ${one.shape}` });
      const themed = THEMED[one.name];
      swatch.style.setProperty("--own", themed ? `var(${themed})` : one.colour);
      one.reading = element("span", { className: "reading" });
      list(one).append(element("label", {}, input, swatch, `${one.label} `, one.reading));
      input.addEventListener("change", () => {
        one.shown = input.checked;
        if (one.apart && one.shown) {
          named(`values-${one.name}`).data = { time: times, [one.name]: one.values };
        }
        named(`series-${one.name}`).visible = one.shown;
        if (one.shape !== "line") source.data = columns();
        else arrange();
        read(at);
      });
    }
    for (const { plot } of plots) {
      plot.on_event("mousemove", (event) => read(step_at(event.x)));
    }
    const walk = (by) => {
      const from = at === null ? step_at((range.start + range.end) / 2) : at + by;
      const t = Math.max(0, Math.min(steps - 1, from));
      read(t);
      const span = range.end - range.start, x = hours[t] * HOUR;
      if (x < range.start || x >= range.end) show(x - span / 2, span);
      said.textContent = [written(t), ...series.filter((one) => one.shown)
        .map((one) => `${one.text} ${value(one, t)}`)].join("; ");
    };
    const keys = { ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "_": () => zoom(2),
      Home: () => show(first, range.end - range.start),
      End: () => show(last, range.end - range.start) };
    box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const act = event.shiftKey && by ? () => walk(by) : keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    const press = { span: (span) => show(range.start, span * HOUR), move, zoom };
    for (const button of document.querySelectorAll(".year .tools button")) {
      const [[name, number]] = Object.entries(button.dataset);
      button.addEventListener("click", () => press[name](Number(number)));
    }
    box.addEventListener("pointerdown", () => plots.forEach((p) => { p.wheel.active = true; }));
    box.addEventListener("pointerleave", () => {
      plots.forEach((p) => { p.wheel.active = false; });
      read(null);
    });

    painters.push(() => {
      const muted = colour("--muted"), line = colour("--line");
      for (const { plot, cursor } of plots) {
        for (const part of [...plot.below, ...plot.left]) {
          part.setv({ major_label_text_color: muted, axis_label_text_color: muted,
            axis_line_color: line, major_tick_line_color: line });
        }
        for (const part of plot.center) {
          if (part.dimension === 1) part.grid_line_color = line;
        }
        cursor.line_color = colour("--accent");
      }
      for (const one of series.filter(({ name }) => THEMED[name])) {
        const part = one.shape === "line" ? "line_color" : "fill_color";
        named(`series-${one.name}`).glyph[part] = colour(THEMED[one.name]);
      }
    });
    painters.at(-1)();
  };

  for (const link of document.querySelectorAll("[data-year]")) {
    link.addEventListener("click", () => save("year", csv([
      [words.time, ...series.map((one) => `${one.text} (${one.unit})`)],
      ...Array.from({ length: steps }, (_, t) => [written(t), ...series.map((one) =>
        Number.isNaN(one.values[t]) ? "" : Number(one.values[t].toFixed(3)))]),
    ])));
  }
  document.fonts.load('13px "Noto Sans CJK SC"', "风 Wind 2").then(async () => {
    await Bokeh.embed.embed_items({ year: doc },
      [{ docid: "year", roots: { [id]: "year-chart" }, root_ids: [id] }]);
    use(Bokeh.documents[0]);
    box.dataset.ready = "";
  });
})();
