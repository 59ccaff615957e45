/* The CTCAE term as a combobox: what is typed is searched by the server, by word, abbreviation and spelling. Without this
   file the field keeps its datalist. Keys as in the ARIA pattern: arrows move, Enter takes, Escape closes. */
(() => {
  "use strict";
  const field = document.querySelector("input[data-search]");
  const known = document.getElementById("ctcae-terms");
  if (!field || !window.fetch) return;
  const list = document.createElement("ul");
  list.id = "term-options"; list.className = "combo-list"; list.hidden = true;
  list.setAttribute("role", "listbox"); list.setAttribute("aria-label", "CTCAE terms");
  field.parentElement.classList.add("combo");
  field.after(list);
  const fallback = field.getAttribute("list");
  field.removeAttribute("list");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) field.setAttribute(name, value);
  const announce = (words) => { const place = document.getElementById("announce"); if (place) place.textContent = words; };
  let active = -1; let waiting; let asking;

  const options = () => [...list.children];
  const close = () => {
    list.hidden = true; active = -1;
    field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    const all = options();
    if (!all.length) return;
    active = (next + all.length) % all.length;
    all.forEach((option, k) => option.setAttribute("aria-selected", String(k === active)));
    all[active].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[active].id);
  };
  const take = (option) => {
    field.value = option.dataset.term;
    close();
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const show = (found) => {
    list.replaceChildren(...found.map((one, k) => {
      const option = document.createElement("li");
      option.id = `term-${k}`; option.dataset.term = one.term;
      option.setAttribute("role", "option"); option.setAttribute("aria-selected", "false");
      const term = document.createElement("strong"); term.textContent = one.term;
      const more = document.createElement("span"); more.textContent = `${one.soc} · grades ${one.grades.join(", ")}`;
      option.append(term, more);
      return option;
    }));
    active = -1; field.removeAttribute("aria-activedescendant");
    list.style.top = `${field.offsetTop + field.offsetHeight + 2}px`;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!!found.length));
    announce(found.length ? `${found.length === 1 ? "1 term" : `${found.length} terms`} found` : "No term found");
  };
  const chosen = () => !!known && [...known.options].some((option) => option.value === field.value.trim());
  const search = async () => {
    const typed = field.value.trim();
    if (asking) asking.abort();
    if (typed.length < 2 || chosen()) { close(); return; }
    asking = new AbortController();
    try {
      const answer = await fetch(`${field.dataset.search}?q=${encodeURIComponent(typed)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      if (document.activeElement === field && field.value.trim() === typed) show(said.terms);
    } catch (error) {
      if (error.name !== "AbortError") { close(); if (fallback) field.setAttribute("list", fallback); }
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (event.isTrusted || document.activeElement === field) waiting = setTimeout(search, 120);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) search(); else mark(active < 0 && event.key === "ArrowUp" ? -1 : active + (event.key === "ArrowDown" ? 1 : -1));
    }
    if (event.key === "Enter" && !list.hidden && active >= 0) { event.preventDefault(); take(options()[active]); }
  });
  field.addEventListener("blur", () => { clearTimeout(waiting); close(); });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => { const option = event.target.closest("li"); if (option) take(option); });
})();
