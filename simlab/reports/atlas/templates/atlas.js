"use strict";
(() => {
  const root = document.documentElement;
  const find = (id) => document.getElementById(id);
  root.classList.add("js");

  // --- one page at a time: the page in which the address points, else the table ---
  const pages = [...document.querySelectorAll(".page")];
  const table = find("theorems");
  const indexes = ["theorems", "problems", "methods"];
  const places = new Map(); // where an index was left: how far down, and by which link
  let shown = table;

  function show(page, target) {
    if (page !== shown) {
      shown.hidden = "until-found";
      shown = page;
    }
    page.removeAttribute("hidden");
    const title = page.dataset.title;
    document.title = page === table ? "simlab atlas" : `${title} – simlab atlas`;
    for (const link of document.querySelectorAll(".bar nav a")) {
      const kind = page.id.split("-")[0];
      const current = link.hash === `#${page.id}` || link.hash === `#${kind}s`;
      if (current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const box of page.querySelectorAll(".formula, .scroll")) {
      const cut = box.scrollWidth > box.clientWidth;
      box.classList.toggle("cut", cut);
      if (cut) box.tabIndex = 0;
    }
    if (target && target !== page) target.scrollIntoView();
    else scrollTo(0, places.get(page.id)?.y ?? 0);
  }

  function named() {
    return find(decodeURIComponent(location.hash.slice(1)));
  }

  function follow(first) {
    const target = named();
    if (target && !target.closest(".page")) return; // the skip link
    const page = target ? target.closest(".page") : table;
    show(page, target);
    const left = places.get(page.id)?.link;
    if (!first) (left ?? page.querySelector("h2")).focus({ preventScroll: true });
  }

  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.dataset.chapter !== undefined) {
      chapter.value = link.dataset.chapter;
      choose();
      places.delete("theorems");
      return;
    }
    if (link && indexes.includes(shown.id)) places.set(shown.id, { y: scrollY, link });
  }, true);
  addEventListener("hashchange", () => follow(false));
  // The browser's search finds words in hidden pages too.
  for (const page of pages) {
    page.addEventListener("beforematch", () => {
      history.replaceState(null, "", `#${page.id}`);
      show(page, page);
    });
  }

  // --- the table: search, choose, sort ---
  const rows = [...table.querySelectorAll("tbody tr")];
  const words = rows.map((row) => `${row.textContent} ${row.dataset.words}`.toLowerCase());
  const search = find("search"), chapter = find("chapter"), verdict = find("verdict");

  function choose() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, i) => {
      const fits = asked.every((word) => words[i].includes(word))
        && (!chapter.value || row.dataset.chapter === chapter.value)
        && (!verdict.value || row.dataset.verdict === verdict.value);
      row.hidden = !fits;
      count += fits;
    });
    find("count").textContent = `${count} of ${rows.length}`;
    find("nothing").hidden = count > 0;
  }

  function key(row, column) {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  }

  function sort(heading) {
    const column = heading.cellIndex;
    const numbers = rows.length > 0 && typeof key(rows[0], column) === "number";
    const before = heading.getAttribute("aria-sort");
    const down = before === "none" ? numbers : before === "ascending";
    for (const other of heading.parentElement.cells) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = (a, b) => (numbers ? a - b : a.localeCompare(b));
    const sorted = rows.map((row, i) => [key(row, column), i, row]);
    sorted.sort((a, b) => (down ? -1 : 1) * order(a[0], b[0]) || a[1] - b[1]);
    table.querySelector("tbody").append(...sorted.map((entry) => entry[2]));
  }

  for (const field of [search, chapter, verdict]) field.addEventListener("input", choose);
  for (const button of table.querySelectorAll(".sort")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }
  find("clear").addEventListener("click", () => {
    search.value = chapter.value = verdict.value = "";
    choose();
    search.focus();
  });
  addEventListener("keydown", (event) => {
    const writing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      if (shown !== table) {
        history.pushState(null, "", "#theorems");
        show(table, table);
      }
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      choose();
    }
  });

  // --- colours: as the system, light, dark ---
  const themes = { system: "◐", light: "☀", dark: "☾" };
  const button = find("theme");
  let theme = "system";
  try { theme = localStorage.getItem("simlab-theme") ?? theme; } catch { /* files may have no storage */ }

  function colour() {
    if (!(theme in themes)) theme = "system";
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.firstElementChild.textContent = themes[theme];
    button.setAttribute("aria-label", `Colours: ${theme === "system" ? "as the system" : theme}`);
  }

  button.addEventListener("click", () => {
    const names = Object.keys(themes);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    try { localStorage.setItem("simlab-theme", theme); } catch { /* as above */ }
    colour();
  });

  // --- copy, print ---
  addEventListener("click", async (event) => {
    const copy = event.target.closest(".copy");
    if (!copy) return;
    const text = copy.previousElementSibling;
    try {
      await navigator.clipboard.writeText(text.textContent);
      copy.textContent = "Copied";
    } catch { // not allowed here: select it instead
      getSelection().selectAllChildren(text);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });

  colour();
  follow(true);
})();
