"use strict";
// What every part of the page uses: its data, its theme, and files made from what stands in it.
const coplan = (() => {
  const root = document.documentElement;
  root.dataset.script = "";
  const data = JSON.parse(document.getElementById("page-data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  const painters = [];
  const paint = () => painters.forEach((one) => one());
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    paint();
  });
  dark.addEventListener("change", paint);

  const element = (name, content = {}, ...children) => {
    const made = Object.assign(document.createElement(name), content);
    made.append(...children);
    return made;
  };

  // Text that a spreadsheet would run as a formula gets a quote before it; numbers do not.
  const FORMULA = /^(\s*[=+\-@＝＋－＠]|[\t\r])/;
  const cell = (value) => {
    if (typeof value === "number") return String(value);
    const text = FORMULA.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (rows) => rows.map((row) => row.map(cell).join(",") + "\n").join("");
  const numberOr = (text) => {
    const plain = text.trim().replaceAll(",", "").replace("\u2212", "-").replace(/^\+/, "");
    return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(plain) ? Number(plain) : text.trim();
  };
  // The mark before the text tells Excel that it is UTF-8.
  const save = (name, text) => {
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    element("a", { href: url, download: `${name}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  // What the page keeps packed, as a response to read as JSON or bytes. A browser that is too old
  // for it refuses here, and the rest of the page works without.
  const unpacked = async (text) => new Response(
    new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]).stream()
      .pipeThrough(new DecompressionStream("deflate")));
  // Unpacked before it is asked for: a browser lets a click save a file at once, not later. Until
  // then the link leads to the file beside the page.
  let figures = null;
  unpacked(data.figures).then((found) => found.json()).then((tables) => { figures = tables; });
  for (const link of document.querySelectorAll("a[data-figure]")) {
    link.addEventListener("click", (event) => {
      if (!figures) return;
      event.preventDefault();
      save(link.dataset.figure, figures[link.dataset.figure]);
    });
  }
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  return { csv, colour, data, element, numberOr, paint, painters, root, save, unpacked,
    words: data.words };
})();
