// A field that narrows a long list as you type. Without script the list is simply whole.
for (const filter of document.querySelectorAll(".list-filter")) {
  const field = filter.querySelector("input");
  const status = filter.querySelector("[data-none]");
  const none = filter.querySelector(".list-filter-none");
  const search = none.lastElementChild.querySelector("a");
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
