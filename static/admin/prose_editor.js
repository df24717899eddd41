// The Markdown editor of the admin: toolbar, source picker and live preview around a plain text area.
// Words for buttons and addresses come from the text area's data-editor; without this script it works as it is.

(() => {
  const PAUSE = 400; // milliseconds without a key before the preview is asked for

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function button(word, label, act) {
    const made = element("button", { type: "button", title: word, "aria-label": word }, label);
    made.addEventListener("click", act);
    return made;
  }

  // execCommand is the only way to insert text that keeps the browser's undo.
  function insert(area, text) {
    area.focus();
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function selected(area) {
    return area.value.slice(area.selectionStart, area.selectionEnd);
  }

  function makeBold(area) {
    const words = selected(area);
    insert(area, `**${words}**`);
    if (!words) area.setSelectionRange(area.selectionEnd - 2, area.selectionEnd - 2);
  }

  function makeList(area) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    area.setSelectionRange(start, Math.max(area.selectionEnd, start));
    const lines = selected(area).split("\n");
    insert(area, lines.map((line) => (/^[-*] /.test(line) ? line : `- ${line}`)).join("\n"));
  }

  function makeHeading(area) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    area.setSelectionRange(start, Math.max(area.selectionEnd, start));
    const words = selected(area);
    insert(area, /^#+ /.test(words) ? words.replace(/^#+ /, "") : `### ${words}`);
  }

  function makeTable(area) {
    const { wordColumn } = area.dataset;
    insert(area, `\n\n| ${wordColumn} 1 | ${wordColumn} 2 |\n| --- | --- |\n|  |  |\n\n`);
  }

  function undo(area) {
    area.focus();
    document.execCommand("undo");
  }

  function cite(area, key) {
    const before = area.value.slice(0, area.selectionStart);
    insert(area, `${before && !/\s$/.test(before) ? " " : ""}[@${key}]`);
  }

  function link(area, address, name) {
    insert(area, `[${selected(area) || name}](${address})`);
  }

  // A list of keys, one a line: on a line of its own.
  function addKey(area, key) {
    area.setSelectionRange(area.value.length, area.value.length);
    insert(area, `${area.value && !area.value.endsWith("\n") ? "\n" : ""}${key}`);
  }

  // What can be looked up: where, how one of them is written, and what choosing it does.
  const LOOK_UP = {
    source: (words) => ({
      url: words.sourcesUrl,
      find: words.wordFind,
      name: (source) => [source.key, ` ${source.publisher}: ${source.title}${source.published_on ? `, ${source.published_on.slice(0, 4)}` : ""}`],
      choose: (area, source) => (words.keys ? addKey(area, source.key) : cite(area, source.key)),
    }),
    entry: (words) => ({
      url: words.entriesUrl,
      find: words.wordFindEntry,
      name: (entry) => [entry.name, ` ${entry.kind}:${entry.slug}`],
      choose: (area, entry) => link(area, `${entry.kind}:${entry.slug}`, entry.name),
      // An address of the web is its own answer.
      typed: (text) => (/^https?:\/\/\S+$/.test(text) ? (area) => link(area, text, "") : null),
    }),
    sign: (words) => ({
      url: words.signsUrl,
      find: words.wordFindSign,
      name: (sign) => [sign.key, ` ${sign.words}`],
      choose: (area, sign) => addKey(area, sign.key),
    }),
  };

  function lookUp(area, kind) {
    const how = LOOK_UP[kind](area.dataset);
    const field = element("input", { type: "search", "aria-label": how.find, placeholder: how.find });
    const list = element("ul", { "aria-live": "polite" });
    const panel = element("div", { class: "prose-editor-picker", hidden: "" }, field, list);
    const choose = (act) => () => {
      panel.hidden = true;
      act(area);
    };
    let asked = 0;
    const find = async () => {
      const mine = ++asked;
      const answer = await fetch(`${how.url}?q=${encodeURIComponent(field.value)}`, { redirect: "manual" });
      if (!answer.ok || mine !== asked) return;
      const typed = how.typed?.(field.value);
      const [found] = Object.values(await answer.json());
      const items = found.map((one) => {
        const [name, more] = how.name(one);
        return element("li", {}, button(name, name, choose((to) => how.choose(to, one))), more);
      });
      if (typed) items.unshift(element("li", {}, button(field.value, field.value, choose(typed))));
      list.replaceChildren(...(items.length ? items : [element("li", {}, area.dataset.wordNothing)]));
    };
    field.addEventListener("input", find);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault(); // it would save the form
        list.querySelector("button")?.click();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        panel.hidden = true;
        area.focus();
      }
    });
    for (const event of ["input", "change"]) panel.addEventListener(event, (one) => one.stopPropagation()); // no part of the text
    panel.open = () => {
      panel.hidden = !panel.hidden;
      if (panel.hidden) return;
      field.value = "";
      field.focus();
      find();
    };
    return panel;
  }

  function livePreview(area) {
    const pane = element("div", { class: "prose-editor-preview", "aria-label": `${area.dataset.wordPreview}: ${area.labels[0]?.textContent ?? area.name}`, role: "region", tabindex: "0" });
    let asked = 0;
    let timer = 0;
    const show = async () => {
      const mine = ++asked;
      const body = new FormData();
      body.append("text", area.value);
      body.append("csrfmiddlewaretoken", area.form.elements.csrfmiddlewaretoken.value);
      try {
        // Who was signed out is sent to the sign-in page, which is no preview.
        const answer = await fetch(area.dataset.previewUrl, { method: "POST", body, redirect: "manual" });
        if (!answer.ok) throw new Error(String(answer.status));
        // Safe to insert: the server's allowlist has passed it.
        const html = await answer.text();
        if (mine === asked) pane.innerHTML = html;
      } catch {
        if (mine === asked) pane.textContent = area.dataset.wordFailed;
      }
    };
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
    // An entry's form has a dozen of these: each asks when it is first looked at.
    new IntersectionObserver((entries, observer) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        show();
      }
    }).observe(pane);
    return pane;
  }

  // As far down in the preview as the cursor is in the text.
  function follow(area, pane) {
    const scroll = () => {
      const part = area.selectionStart / Math.max(area.value.length, 1);
      pane.scrollTop = part * (pane.scrollHeight - pane.clientHeight);
    };
    area.addEventListener("keyup", scroll);
    area.addEventListener("click", scroll);
  }

  function paste(event) {
    const html = event.clipboardData.getData("text/html");
    const markdown = html && window.markdownOf(html);
    if (!markdown) return;
    event.preventDefault();
    insert(event.target, markdown);
  }

  function enhance(area) {
    if (area.dataset.enhanced || area.name.includes("__prefix__")) return;
    area.dataset.enhanced = "yes";
    Object.assign(area.dataset, JSON.parse(area.dataset.editor));
    const words = area.dataset;
    const kinds = words.keys ? [words.keys] : ["source", "entry"];
    const pickers = Object.fromEntries(kinds.map((kind) => [kind, lookUp(area, kind)]));
    const isProse = area.classList.contains("prose-editor-full");
    const made = [
      ...(words.keys ? [] : [button(words.wordBold, "B", () => makeBold(area))]),
      ...(isProse ? [
        button(words.wordList, "•", () => makeList(area)),
        button(words.wordHeading, "H", () => makeHeading(area)),
        button(words.wordTable, "▦", () => makeTable(area)),
      ] : []),
      ...(pickers.entry ? [button(words.wordLink, `↗ ${words.wordLink}`, () => pickers.entry.open())] : []),
      ...(pickers.source ? [button(words.wordCitation, `@ ${words.wordCitation}`, () => pickers.source.open())] : []),
      ...(pickers.sign ? [button(words.wordSign, words.wordSign, () => pickers.sign.open())] : []),
      button(words.wordUndo, "↶", () => undo(area)),
    ];
    const toolbar = element("div", { class: "prose-editor-toolbar", role: "toolbar", "aria-controls": area.id }, ...made);
    const frame = element("div", { class: `prose-editor-frame${isProse ? "" : " is-lines"}` });
    area.replaceWith(frame);
    frame.append(toolbar, ...Object.values(pickers), area);
    if (isProse) {
      const pane = livePreview(area);
      frame.append(pane);
      follow(area, pane);
    }
    area.addEventListener("paste", paste);
    area.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "b") {
        event.preventDefault();
        makeBold(area);
      }
    });
  }

  function enhanceAll() {
    document.querySelectorAll("textarea.prose-editor").forEach(enhance);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", enhanceAll);
  else enhanceAll();
})();
