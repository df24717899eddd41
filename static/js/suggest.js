// Names while typing (ARIA 1.2 combobox with a list). The names come once, in parts where there are many, always in the
// same order: what is typed stays here.
const names = [];
let part, parts = 1, loaded = 0;
for (const form of document.querySelectorAll("form[data-names]")) {
  const field = form.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const key = (text) => text.toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "");
  const MOST = 8;
  let active = -1;

  // The next part; where it does not come, the plain field stays as it is.
  const load = () => {
    if (loaded >= parts) return false;
    part ??= fetch(`${form.dataset.names}${loaded ? `?part=${loaded + 1}` : ""}`).then((answer) => answer.json()).then((said) => {
      if (!loaded) {
        const sheet = document.createElement("link");
        sheet.rel = "stylesheet";
        sheet.href = form.dataset.sheet;
        document.head.append(sheet);
      }
      names.push(...said.names.map(([name, kind, url, others]) => ({
        name,
        url,
        kind: said.kinds[kind],
        whole: key(name),
        words: name.split(/[\s(),/-]+/).map(key),
        others: others ? others.split(" ") : [],
      })));
      parts = said.parts;
      loaded += 1;
      part = undefined;
    });
    return part.then(() => true, () => { part = undefined; });
  };
  // 0: its name begins so; 1: another name does; 2: a word of its name does.
  const rank = (row, typed) => {
    if (row.whole.startsWith(typed)) return 0;
    if (row.others.some((other) => other.startsWith(typed))) return 1;
    return row.words.some((word) => word.startsWith(typed)) ? 2 : 3;
  };
  const close = () => {
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    active = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", at === place));
    const option = list.children[place];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const show = async () => {
    const asked = field.value;
    const typed = key(asked);
    const fit = () => [0, 1, 2].flatMap((its) => names.filter((row) => rank(row, typed) === its)).slice(0, MOST);
    let found = [];
    if (typed.length > 1) {
      for (found = fit(); found.length < MOST && await load(); found = fit()) {
        if (asked !== field.value) return;
      }
    }
    if (asked !== field.value || document.activeElement !== field) return;
    list.replaceChildren(...found.map((row, place) => {
      const option = document.createElement("li");
      const name = document.createElement("bdi");
      const kind = document.createElement("span");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.dataset.url = row.url;
      name.textContent = row.name;
      kind.textContent = row.kind;
      option.append(name, " ", kind);
      return option;
    }));
    close();
    status.textContent = typed.length < 2 ? "" : form.dataset.count.replace("#", found.length);
    if (!found.length) return;
    mark(-1);
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  };

  list.id = `${field.id}-names`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.label);
  status.className = "spoken";
  status.setAttribute("role", "status");
  field.enterKeyHint = "search";
  for (const [name, value] of Object.entries({
    "aria-autocomplete": "list", "aria-controls": list.id,
  })) field.setAttribute(name, value);
  form.append(list, status);

  field.addEventListener("input", show);
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  field.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (step && !count) show();
    // One place more than there are names: the field itself.
    else if (step) mark((active + 1 + step + count + 1) % (count + 1) - 1);
    else if (event.key === "Escape" && count) close();
    else if (event.key === "Enter" && count && active >= 0) location.assign(list.children[active].dataset.url);
    else return;
    event.preventDefault();
  });
  Promise.resolve(load()).then(() => { if (document.activeElement === field && field.value !== field.defaultValue) show(); });
}
