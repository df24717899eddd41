// Foldable menus: open where there is room (older browsers cannot do it in CSS), closed by Escape where not.
for (const [selector, room] of [[".main-menu", "(width >= 48rem)"], [".on-this-page > details", "(width >= 64rem)"]]) {
  const menu = document.querySelector(selector);
  if (!menu) continue;
  const wide = matchMedia(room);
  const fit = () => { menu.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || wide.matches || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) menu.open = false;
  });
}
// Groups of approved uses: open where there is room for their lines.
if (matchMedia("(width >= 64rem)").matches) for (const group of document.querySelectorAll("details.wide-open")) group.open = true;

// The list of sections marks the one being read.
{
  const links = new Map();
  for (const link of document.querySelectorAll('.on-this-page a[href^="#"]')) links.set(link.hash.slice(1), link);
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const line = innerHeight / 3;
    const reading = sections.filter((section) => section.getBoundingClientRect().top < line).pop();
    for (const [id, link] of links) {
      if (reading?.id === id) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  if (sections.length) {
    const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    sections.forEach((section) => watcher.observe(section));
  }
}

// A field that narrows a long list as you type. Without script the list is simply whole.
for (const filter of document.querySelectorAll(".list-filter")) {
  const field = filter.querySelector("input");
  const status = filter.querySelector("[data-none]");
  const none = filter.querySelector(".list-filter-none");
  const search = none.querySelector("p:last-child a");
  const items = document.querySelectorAll("[data-filter-text]");
  const groups = document.querySelectorAll("[data-filter-group]");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const narrow = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    const shown = new Set(); // a list may show the same entry in several places
    for (const item of items) {
      const text = plain(item.dataset.filterText);
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) shown.add(item.querySelector("a")?.pathname ?? text);
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-filter-text]:not([hidden])");
    const words_for = shown.size ? status.dataset.some : status.dataset.none;
    status.textContent = words.length ? words_for.replace("#", shown.size) : "";
    none.hidden = shown.size > 0;
    search.search = new URLSearchParams({ q: field.value.trim() });
  };
  filter.hidden = false;
  field.addEventListener("input", narrow);
  filter.addEventListener("submit", (event) => event.preventDefault());
  if (field.value) narrow();
}

// The print button, and folded parts opened for paper.
for (const button of document.querySelectorAll(".print-button")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
{
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
}
// A link to a folded answer opens it.
{
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target && target.closest("details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
}

// A glossary link explains its word on the spot. If anything goes wrong it is the link it always was.
{
  const box = document.getElementById("term-box");
  const explain = async (link) => {
    try {
      const answer = await fetch(link.pathname);
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const term = page.getElementById(decodeURIComponent(link.hash.slice(1)));
      const explanation = term.matches("dt") ? term.nextElementSibling : term.querySelector("dd");
      box.querySelector("h2").textContent = (term.matches("dt") ? term : term.querySelector("dt")).firstChild.textContent.trim();
      box.querySelector(".term-explanation").replaceChildren(...document.importNode(explanation, true).childNodes);
      box.querySelectorAll("sup").forEach((mark) => mark.remove());
      box.querySelector(".term-more").href = link.href;
      box.showModal();
    } catch {
      location.assign(link.href);
    }
  };
  if (box?.showModal) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest('main a[href*="/glossary/#"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      explain(link);
    });
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  }
}

// Forms with errors: the summary takes the focus, so that it is read first.
document.querySelector(".error-summary")?.focus();
