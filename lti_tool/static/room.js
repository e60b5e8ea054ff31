// The chart's read-out and the name cards' Escape key. Everything here also stands in the tables: without script
// nothing is missing.
"use strict";

function readOut(figure) {
  const rows = [...document.querySelectorAll('[data-table="timeline"] tbody tr')];
  const headings = [...document.querySelectorAll('[data-table="timeline"] thead th')].map((th) => th.textContent);
  const plot = figure.querySelector(".plot");
  const image = figure.querySelector("img");
  const output = figure.querySelector(".read-out");
  if (!rows.length) return;
  const cursor = document.createElement("div");
  cursor.className = "cursor";
  cursor.hidden = true;
  plot.append(cursor);
  const drags = document.createElement("span");
  drags.className = "with-a-mouse";
  drags.textContent = ` ${figure.dataset.drag}`;
  output.replaceChildren(figure.dataset.hint, drags);
  output.hidden = false;
  plot.tabIndex = 0;
  plot.setAttribute("role", "slider");
  plot.setAttribute("aria-label", document.getElementById("timeline").textContent);
  plot.setAttribute("aria-valuemin", "0");
  plot.setAttribute("aria-valuemax", String(rows.length - 1));
  plot.setAttribute("aria-valuenow", "0");
  // Where the axes lie in the picture, as shares of its width.
  const area = () => {
    const shape = new URL(image.currentSrc || image.src).searchParams.get("shape");
    const [left, right] = figure.dataset[shape].split(" ").map(Number);
    return { left, width: right - left };
  };
  let at = 0;

  function show(place) {
    at = Math.max(0, Math.min(rows.length - 1, place));
    const cells = [...rows[at].children].map((cell) => cell.textContent.trim());
    const words = cells.map((text, place) => (place ? `${headings[place]}: ${text}` : text)).join(" · ");
    output.textContent = words;
    plot.setAttribute("aria-valuenow", String(at));
    plot.setAttribute("aria-valuetext", words);
    cursor.hidden = false;
    const { left, width } = area();
    const share = left + ((at + 0.5) / rows.length) * width;
    cursor.style.left = `${share * image.clientWidth}px`;
  }
  function point(event) {
    const box = image.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const { left, width } = area();
    show(Math.floor(((share - left) / width) * rows.length));
  }
  // Dragging over the chart asks for that part of the session, as the form below it does.
  const form = document.querySelector("[data-part]");
  const selection = document.createElement("div");
  selection.className = "selection";
  selection.hidden = true;
  plot.append(selection);
  let from = null;
  function drag() {
    const { left, width } = area();
    const [first, last] = [Math.min(from, at), Math.max(from, at) + 1];
    selection.style.left = `${(left + (first / rows.length) * width) * image.clientWidth}px`;
    selection.style.width = `${((last - first) / rows.length) * width * image.clientWidth}px`;
    selection.hidden = last - first < 2;
    return [first, last];
  }
  plot.addEventListener("pointermove", (event) => {
    point(event);
    if (from !== null) drag();
  });
  plot.addEventListener("pointerdown", (event) => {
    point(event);
    if (event.pointerType === "mouse" && event.button === 0) from = at;
    if (from !== null) event.preventDefault();
  });
  window.addEventListener("pointerup", () => {
    if (from === null) return;
    const [first, last] = drag();
    from = null;
    if (last - first < 2) return;
    const clocks = rows.map((row) => row.dataset.clock);
    form.elements.from.value = clocks[first];
    form.elements.to.value = clocks[last] ?? form.dataset.end;
    form.requestSubmit();
  });
  plot.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    if (event.key in steps) show(at + steps[event.key]);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(rows.length - 1);
    else return;
    event.preventDefault();
  });
  plot.addEventListener("focus", () => show(at));
}

document.querySelectorAll('[data-chart="timeline"]').forEach(readOut);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll(".attendees tbody th").forEach((cell) => cell.classList.add("dismissed"));
});
for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const cell = event.target.closest?.(".attendees tbody th.dismissed");
    if (cell) cell.classList.remove("dismissed");
  });
}
