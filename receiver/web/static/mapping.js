"use strict";

// The mapping editor without reloading: accounts are dragged, and each change swaps the page's
// content in place. Everything works by the same forms without this.

const announcer = document.createElement("p");
announcer.className = "unseen";
announcer.setAttribute("role", "status");
document.body.append(announcer);

const content = () => document.getElementById("content");
const boxes = () => [...document.querySelectorAll('#map input[name="account_id"]')];
let lastBox = null; // where a range of boxes begins
let pending = null; // the request under way
let isStoring = false; // then another change would not have seen this one

// ---- swapping ----

async function fetchPage(address, body) {
  if (isStoring) return;
  pending?.abort();
  isStoring = Boolean(body);
  const mine = (pending = new AbortController());
  content().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method: body ? "POST" : "GET", body, signal: mine.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("map")) return location.assign(answer.url); // signed out, or gone
    history.replaceState(null, "", answer.url);
    swap(page.getElementById("content"));
  } catch (error) {
    if (error.name !== "AbortError") location.reload();
  } finally {
    isStoring = isStoring && !body;
    if (pending === mine) content().removeAttribute("aria-busy");
  }
}

function swap(fresh) {
  const focused = document.activeElement;
  const typed = focused.id === "q" ? focused.value : null;
  const tops = [...document.querySelectorAll(".pane")].map((pane) => [pane.id, pane.scrollTop]);
  const open = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
  content().replaceChildren(...fresh.childNodes);
  localiseMoments();
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, top] of tops) document.getElementById(id).scrollTop = top;
  prepare();
  restoreFocus(focused, typed);
  announcer.textContent = [...content().querySelectorAll(":scope > .message")].map((each) => each.textContent.trim()).join(" ");
}

function restoreFocus(focused, typed) {
  const own = document.getElementById(focused.id);
  const menu = focused.closest(".line-menu")?.querySelector("summary");
  const target = own ?? document.getElementById(menu?.id) ?? content();
  if (typed !== null) target.value = typed;
  if (focused !== document.body) target.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-swap], [data-search]")) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (form.matches("[data-search]")) fetchPage(`${form.action}?${fields}`);
  else fetchPage(form.action, fields);
});

// ---- searching while typing ----

let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-search]");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(() => form.requestSubmit(), 250);
});

// ---- choosing accounts ----

document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.id === "all") for (const each of boxes()) each.checked = box.checked;
  else if (box.name === "account_id") chooseRange(box, event.shiftKey);
  else return;
  countChosen();
});

function chooseRange(box, isRange) {
  const all = boxes();
  const from = all.indexOf(lastBox);
  const to = all.indexOf(box);
  if (isRange && from >= 0) {
    for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }
  lastBox = box;
  if (!box.checked) document.getElementById("all").checked = false;
}

function countChosen() {
  const output = document.querySelector("[data-chosen]");
  const all = document.getElementById("all");
  const count = all.checked ? Number(all.dataset.count) : boxes().filter((box) => box.checked).length;
  output.textContent = count ? `(${count})` : "";
}

// ---- dragging accounts onto a line ----

function prepare() {
  lastBox = null;
  for (const each of document.querySelectorAll("[data-account]")) each.draggable = true;
}

// As the form would send them: all that are chosen where this is one of them.
function dragged(account) {
  const isChosen = account.querySelector("input")?.checked;
  if (!isChosen) return new URLSearchParams({ account_id: account.dataset.account });
  const fields = new URLSearchParams();
  for (const box of document.querySelectorAll("#map :checked:not(option)")) fields.append(box.name, box.value);
  return fields;
}

document.addEventListener("dragstart", (event) => {
  const account = event.target.closest?.("[data-account]");
  if (!account) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("application/x-accounts", dragged(account));
});

const lineUnder = (event) =>
  event.dataTransfer.types.includes("application/x-accounts") ? event.target.closest?.("[data-line]") : null;

function markOver(line) {
  for (const each of document.querySelectorAll(".line.over")) each.classList.remove("over");
  line?.classList.add("over");
}

document.addEventListener("dragover", (event) => {
  const line = lineUnder(event);
  markOver(line);
  if (line) event.preventDefault();
});
document.addEventListener("dragend", () => markOver(null));
document.addEventListener("drop", (event) => {
  const line = lineUnder(event);
  if (!line) return;
  event.preventDefault();
  const form = document.getElementById("map");
  const fields = new URLSearchParams(event.dataTransfer.getData("application/x-accounts"));
  fields.set("line_id", line.dataset.line);
  for (const name of ["csrf_token", "seen"]) fields.set(name, form.elements[name].value);
  fetchPage(form.action, fields);
});

prepare();
