"use strict";

// Moments in the viewer's own time zone; without JavaScript they are in UTC.
function localiseMoments() {
  const language = document.documentElement.lang, thisYear = new Date().getFullYear();
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const recent = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    time.title = time.textContent;
    const moment = new Date(time.dateTime);
    time.textContent = (moment.getFullYear() === thisYear ? recent : format).format(moment);
  }
}

// A menu closes by Escape, and where one clicks elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.dropdown[open], details.menu-button[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

// A field above a long list leaves of it what has the letters typed; the first one takes Enter.
for (const field of document.querySelectorAll("input.narrows")) {
  const links = [...field.closest("ul").querySelectorAll("a")];
  field.hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const link of links) link.parentElement.hidden = !link.textContent.toLowerCase().includes(wanted);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") links.find((link) => !link.parentElement.hidden)?.click();
  });
  field.closest("details").addEventListener("toggle", (event) => event.target.open && field.focus());
}

// Copies what a field holds. Where the browser does not let it, the field is selected for Ctrl-C.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
    } catch {
      field.focus();
    }
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A page that waits for something looks again only while it is seen, and at once when it is seen again.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.target.matches("[hx-trigger^='every ']")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const waiting of document.querySelectorAll("[hx-trigger^='every ']")) waiting.dispatchEvent(new Event("seen"));
});

document.addEventListener("htmx:after:swap", localiseMoments);
localiseMoments();
