"use strict";
// The comparison: which variants the tables and the chart show, and what the chart's axes are.
(() => {
  const { data, element, root, words } = coplan;
  const box = document.getElementById("explorer-chart");
  if (!box) return;
  const { variants, figures, x, y } = data.explorer;
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 400, LEFT = 74, RIGHT = 20, TOP = 16, BOTTOM = 52;
  const LABELLED = 14, FOCUSABLE = 40, LONGEST = 18;
  const shown = variants.map(() => true);
  const said = document.getElementById("explorer-said");
  const axes = { x, y };
  let view = null, wide = 860;

  const figure = (side) => figures.find((one) => one.id === axes[side]);
  const points = () => variants
    .map((name, i) => ({ i, name, x: figure("x").values[i], y: figure("y").values[i] }))
    .filter((one) => shown[one.i] && one.x !== null && one.y !== null);

  // Marks at round numbers.
  const marks = ([low, high], side) => {
    const rough = (high - low) / (side === "x" && wide < 500 ? 3 : 6), power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
    const first = Math.ceil(low / step);
    const count = Math.floor(high / step) - first + 1;
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const number = new Intl.NumberFormat("en", { minimumFractionDigits: digits,
      maximumFractionDigits: digits });
    return Array.from({ length: count }, (_, k) => (first + k) * step)
      .map((at) => [at, number.format(at).replace("-", "\u2212")]);
  };
  const range = (values) => {
    const low = Math.min(...values), high = Math.max(...values);
    const room = 0.08 * (high - low) || 0.05 * Math.abs(high) || 1;
    return [low - room, high + room];
  };
  const fit = () => {
    const found = points();
    view = found.length ? { x: range(found.map((one) => one.x)), y: range(found.map((one) => one.y)) }
      : { x: [0, 1], y: [0, 1] };
  };
  const place = (side, value) => {
    const [low, high] = view[side], part = (value - low) / (high - low);
    return side === "x" ? LEFT + part * (wide - LEFT - RIGHT)
      : HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
  };

  const drawn = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const told = (one) => {
    const text = (side) => `${figure(side).name} ${figure(side).texts[one.i]}`;
    return `${one.name}: ${text("x")}; ${text("y")}`;
  };
  const draw = () => {
    wide = Math.max(300, box.clientWidth);
    const svg = drawn("svg", { viewBox: `0 0 ${wide} ${HEIGHT}`, role: "group" });
    svg.setAttribute("aria-label", `${figure("y").name} – ${figure("x").name}`);
    for (const [at, text] of marks(view.x, "x")) {
      const px = place("x", at);
      svg.append(drawn("line", { class: "rule", x1: px, x2: px, y1: TOP, y2: HEIGHT - BOTTOM }),
        drawn("text", { class: "tick", x: px, y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" },
          text));
    }
    for (const [at, text] of marks(view.y, "y")) {
      const py = place("y", at);
      svg.append(drawn("line", { class: "rule", x1: LEFT, x2: wide - RIGHT, y1: py, y2: py }),
        drawn("text", { class: "tick", x: LEFT - 8, y: py + 4, "text-anchor": "end" }, text));
    }
    const middle = (HEIGHT - BOTTOM + TOP) / 2;
    svg.append(
      drawn("text", { class: "axis", x: (LEFT + wide - RIGHT) / 2, y: HEIGHT - 10,
        "text-anchor": "middle" }, figure("x").name),
      drawn("text", { class: "axis", x: 16, y: middle, "text-anchor": "middle",
        transform: `rotate(-90 16 ${middle})` }, figure("y").name));
    const inside = (one) => ["x", "y"].every((side) =>
      one[side] >= view[side][0] && one[side] <= view[side][1]);
    const found = points().filter(inside), named = [];
    for (const one of found) {
      const at = { cx: place("x", one.x), cy: place("y", one.y), r: one.i ? 5.5 : 7 };
      const dot = drawn("circle", { ...at, class: one.i ? "dot" : "dot base", role: "img",
        "data-point": one.i, "aria-label": told(one) });
      if (found.length <= FOCUSABLE) dot.setAttribute("tabindex", "0");
      dot.append(drawn("title", {}, told(one)));
      for (const event of ["pointerenter", "focus"]) {
        dot.addEventListener(event, () => { said.textContent = told(one); });
      }
      svg.append(dot);
      if (found.length <= LABELLED) {
        const late = at.cx > wide - 170;
        if (named.some((other) => Math.abs(other.cy - at.cy) < 15
          && Math.abs(other.cx - at.cx) < 110)) continue;
        named.push(at);
        const name = one.name.length > LONGEST ? `${one.name.slice(0, LONGEST)}…` : one.name;
        svg.append(drawn("text", { class: "name", x: at.cx + (late ? -10 : 10), y: at.cy - 7,
          "text-anchor": late ? "end" : "start" }, name));
      }
    }
    box.replaceChildren(svg);
  };
  const again = () => { fit(); draw(); };

  const choose = (i, is_shown) => {
    shown[i] = is_shown;
    for (const part of document.querySelectorAll(`[data-variant="${i}"]`)) {
      if (is_shown) delete part.dataset.away; else part.dataset.away = "";
    }
  };
  const list = document.getElementById("explorer-variants");
  const inputs = variants.map((name, i) => {
    const input = element("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => { choose(i, input.checked); again(); });
    list.append(element("label", {}, input, element("span", { textContent: name })));
    return input;
  });
  for (const button of document.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => {
      inputs.forEach((input, i) => {
        input.checked = button.dataset.all === "1" || i === 0;
        choose(i, input.checked);
      });
      again();
    });
  }
  for (const side of ["x", "y"]) {
    const select = document.getElementById(`explorer-${side}`);
    for (const one of figures) select.append(element("option", { value: one.id,
      textContent: one.name }));
    select.value = axes[side];
    select.addEventListener("change", () => { axes[side] = select.value; again(); });
  }

  const zoom = (factor) => {
    for (const side of ["x", "y"]) {
      const [low, high] = view[side], middle = (low + high) / 2, half = factor * (high - low) / 2;
      view[side] = [middle - half, middle + half];
    }
    draw();
  };
  const move = (side, part) => {
    const by = part * (view[side][1] - view[side][0]);
    view[side] = view[side].map((end) => end + by);
    draw();
  };
  for (const button of document.querySelectorAll(".explorer [data-zoom]")) {
    button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  }
  document.querySelector(".explorer [data-fit]").addEventListener("click", again);
  const keys = {
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": again,
    ArrowLeft: () => move("x", -0.15), ArrowRight: () => move("x", 0.15),
    ArrowDown: () => move("y", -0.15), ArrowUp: () => move("y", 0.15),
  };
  box.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (event.target !== box || !act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  let held = null;
  box.addEventListener("pointerdown", (event) => { held = [event.clientX, event.clientY]; });
  addEventListener("pointerup", () => { held = null; });
  box.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    const { width, height } = box.getBoundingClientRect();
    move("x", (held[0] - event.clientX) / width);
    move("y", (event.clientY - held[1]) / height);
    held = [event.clientX, event.clientY];
  });
  addEventListener("resize", draw);
  again();
})();
