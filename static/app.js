/* Everything works without this file; it adds comfort. No inline handlers, no eval, no state. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Tooltips: a mark's own <title> is taken over, so that the browser does not show it a second time. */
  const tip = document.createElement("div");
  tip.className = "tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  document.addEventListener("pointerover", (event) => {
    const mark = event.target.closest("svg .mark, [data-tip]");
    if (!mark) { tip.hidden = true; return; }
    const title = $(":scope > title", mark);
    if (title) { mark.dataset.tip = title.textContent; title.remove(); }
    tip.textContent = mark.dataset.tip || ""; tip.hidden = !tip.textContent;
    const box = mark.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${box.top > tip.offsetHeight + 12 ? box.top - tip.offsetHeight - 8 : box.bottom + 8}px`;
  });
  addEventListener("scroll", () => { tip.hidden = true; }, true);

  /* A row or a mark opens its record; the link in it stays the way by keyboard. */
  document.addEventListener("click", (event) => {
    const here = event.target.closest("[data-href]");
    if (!here || event.defaultPrevented || event.target.closest("a, button, input, label, summary, select") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(here.dataset.href, "_blank", "noopener"); else location.assign(here.dataset.href);
  });

  /* Menus close on Escape and on a click elsewhere. */
  const closeMenus = (except) => all("details.menu[open], details.bar-more[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu, details.bar-more")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest("details.menu[open], details.bar-more[open]");
    closeMenus(); tip.hidden = true;
    if (menu) $("summary", menu).focus();
  });

  /* A destructive step asks first, with the consequence in words: data-confirm on its button. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm]");
    if (!button || button.dataset.confirmed || !window.HTMLDialogElement) return;
    if (button.form && !button.form.noValidate && !button.form.reportValidity()) return;
    event.preventDefault(); event.stopImmediatePropagation();
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "confirm-title");
    const head = document.createElement("h2");
    head.id = "confirm-title"; head.textContent = button.textContent.trim();
    const text = document.createElement("p");
    text.textContent = button.dataset.confirm;
    const row = document.createElement("div");
    row.className = "form-actions";
    const no = document.createElement("button");
    no.className = "btn"; no.type = "button"; no.textContent = button.dataset.confirmNo || "Go back";
    const yes = document.createElement("button");
    yes.className = button.className; yes.type = "button"; yes.textContent = button.textContent.trim();
    row.append(no, yes); dialog.append(head, text, row); document.body.append(dialog);
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { dialog.close(); button.dataset.confirmed = "1"; button.click(); delete button.dataset.confirmed; });
    dialog.addEventListener("close", () => { dialog.remove(); button.focus(); });
    dialog.showModal(); no.focus();
  }, true);

  /* One press is enough. The key in the form makes a second one harmless; this only spares the doubt. */
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || !button || event.target.method !== "post") return;
    setTimeout(() => { button.setAttribute("aria-disabled", "true"); }, 0);
    setTimeout(() => { button.removeAttribute("aria-disabled"); }, 8000);
  });
  addEventListener("pageshow", () => all("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled")));

  /* Errors take the focus; a long figure opens at its newest end. */
  const summary = $("#errors");
  if (summary) summary.focus();
  const toEnd = (box) => { box.classList.toggle("scrolls", box.scrollWidth > box.clientWidth); box.scrollLeft = box.clientWidth > 560 ? box.scrollWidth : Number(box.dataset.end) - box.clientWidth; };
  all(".figure-box[data-end]").forEach(toEnd);

  /* Parts of a form that depend on an answer: data-when="field=value|value", or one of several with ; between. */
  const fit = () => all("[data-when]").forEach((part) => {
    const form = part.closest("form");
    const said = new FormData(form);
    part.hidden = !part.dataset.when.split(";").some((one) => {
      const [name, values] = one.split("=");
      const given = said.getAll(name).map(String);
      return values.split("|").some((value) => given.includes(value));
    });
  });
  document.addEventListener("change", fit);
  fit();

  /* A CTCAE term has not every grade: those that the chosen one lacks cannot be chosen. The server refuses them too. */
  const grades = () => {
    const list = $("#ctcae-terms"); const term = list && $("input[name=term]");
    const known = term && all("option", list).find((option) => option.value === term.value.trim());
    const lacks = (grade) => !!known && !!grade.value && !known.dataset.grades.split(" ").includes(grade.value);
    if (term) all("input[name=grade]", term.form).forEach((grade) => {
      grade.disabled = lacks(grade);
      if (grade.disabled) grade.checked = false;
    });
    if (term) all("select[name^=step_] option", term.form).forEach((grade) => {
      grade.disabled = lacks(grade);
      if (grade.disabled) grade.selected = false;
    });
  };
  document.addEventListener("input", (event) => { if (event.target.name === "term") grades(); });
  grades();

  /* Live pages. #pulse asks; `changed` makes #live fetch the page; what differs glows once and is told. */
  const reading = (part) => `${part.dataset.tip || ""}${part.textContent}`.replace(/\s+/g, " ").trim();
  const announce = (words) => { const place = $("#announce"); if (place) place.textContent = words; };
  let before = new Map(); let opened = []; let scrolled = new Map();
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.id === "pulse" && document.hidden) event.preventDefault(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "live") return;
    before = new Map(all("[data-glow]").map((part) => [part.dataset.glow, reading(part)]));
    opened = all("details[open][id]").map((part) => part.id);
    scrolled = new Map(all(".figure-box[id]").map((box) => [box.id, box.scrollLeft]));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before.size) return;
    opened.forEach((id) => { const part = document.getElementById(id); if (part) part.open = true; });
    scrolled.forEach((left, id) => { const box = document.getElementById(id); if (box) box.scrollLeft = left; });
    const told = [];
    all("[data-glow]").forEach((part) => {
      if (before.get(part.dataset.glow) === reading(part)) return;
      part.classList.add("glow-once");
      if (part.dataset.glowSays) told.push(part.dataset.glowSays);
    });
    before = new Map();
    if (told.length) announce(`Changed: ${[...new Set(told)].join("; ")}.`);
  });
  document.addEventListener("changed", () => all("[data-stale]").forEach((note) => { note.hidden = false; }));

  /* A live page whose poller gets no answer says since when, and greys what may be out of date meanwhile. */
  let heard = new Date();
  const cut = () => {
    if (!$("#pulse")) return;
    const since = heard.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    lost(`Not connected since ${since}.`, "What is grey may be out of date; it is tried again every few seconds.", "Reload");
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) lost("You are signed out.", "This page no longer refreshes itself.", "Log in again");
    else if (event.detail.xhr.status >= 500) cut();
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, cut));
  addEventListener("offline", cut);
  const ask = () => { if ($("#pulse") && !document.hidden) window.htmx.trigger("#pulse", "ask"); };
  addEventListener("online", ask); document.addEventListener("visibilitychange", ask);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    heard = new Date();
    const note = $("#lost");
    if (!note) return;
    note.remove(); all(".is-old").forEach((part) => part.classList.remove("is-old")); announce("Connected again.");
  });
  function lost(title, words, action) {
    const live = $("#live");
    if (live) all(live.getAttribute("hx-select-oob")).forEach((part) => part.classList.add("is-old"));
    if ($("#lost")?.dataset.title === title) return;
    $("#lost")?.remove();
    const note = document.createElement("div");
    note.id = "lost"; note.className = "alert alert-red"; note.setAttribute("role", "alert"); note.dataset.title = title;
    const head = document.createElement("span"); head.className = "alert-title"; head.textContent = title;
    const text = document.createElement("span"); text.className = "alert-text"; text.textContent = words;
    const link = document.createElement("a"); link.href = location.href; link.textContent = action;
    note.append(head, text, link); $("#main").prepend(note);
  }

  /* Due times: <time data-due datetime="…"> counts down; the server sends only the instant. */
  const count = () => all("time[data-due]").forEach((due) => {
    const left = Math.round((new Date(due.dateTime) - Date.now()) / 60000);
    const words = Math.abs(left) >= 2880 ? `${Math.round(Math.abs(left) / 1440)} d` : Math.abs(left) >= 120 ? `${Math.round(Math.abs(left) / 60)} h` : `${Math.abs(left)} min`;
    due.textContent = left < 0 ? `${words} overdue` : `in ${words}`;
    due.classList.toggle("is-red", left < 0);
  });
  /* The reader's own time beside UTC: <time data-local datetime="…">. */
  const local = () => all("time[data-local]").forEach((time) => {
    const at = new Date(time.dateTime);
    if (at.getTimezoneOffset() === 0 || time.dataset.done) return;
    time.dataset.done = "1";
    time.append(` · ${at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZoneName: "short" })}`);
  });
  count(); local(); setInterval(count, 30000);
  document.addEventListener("htmx:afterSettle", () => { count(); local(); fit(); });
})();
