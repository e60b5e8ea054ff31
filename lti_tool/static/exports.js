// My exports: progress and states as they change. Without script the list has a link that reloads it.
"use strict";

const EVERY = 3000;
const list = document.querySelector(".exports");
const said = document.querySelector("[data-said]");

async function look() {
  const answer = await fetch(location.href);
  if (!answer.ok) return; // the visit has ended: the list stays as it is
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of list.querySelectorAll("[data-row]")) {
    const now = page.querySelector(`.exports [data-row="${CSS.escape(row.dataset.row)}"]`);
    if (now && now.innerHTML !== row.innerHTML) renew(row, document.adoptNode(now));
  }
}

function renew(row, now) {
  const bar = row.querySelector("progress");
  const held = row.contains(document.activeElement);
  const words = now.querySelector(".how strong").textContent;
  if (now.dataset.state === row.dataset.state && bar && now.querySelector("progress")) {
    bar.value = now.querySelector("progress").value; // what is focused stays
    row.querySelector(".how strong").textContent = words;
    return;
  }
  row.replaceWith(now);
  if (now.dataset.state !== row.dataset.state) said.textContent = `${now.querySelector("bdi").textContent}: ${words}`;
  if (held) now.querySelector("a, button")?.focus();
  if (!list.querySelector("progress")) document.querySelector("[data-preparing]")?.remove();
}

async function watch() {
  if (!list?.querySelector("progress")) return;
  try {
    if (!document.hidden) await look();
  } catch {
    // no answer this time
  }
  setTimeout(watch, EVERY);
}

setTimeout(watch, EVERY);
