// The Markdown editor of the admin: toolbar, source picker and live preview around a plain text area.
// Words for buttons come from the text area's data-word-... attributes; without this script it works as it is.

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

  function makeLink(area) {
    const words = selected(area) || "text";
    insert(area, `[${words}](https://)`);
    area.setSelectionRange(area.selectionEnd - 1, area.selectionEnd - 1);
  }

  function cite(area, key) {
    const before = area.value.slice(0, area.selectionStart);
    insert(area, `${before && !/\s$/.test(before) ? " " : ""}[@${key}]`);
  }

  function showSources(list, sources, area, close) {
    const items = sources.map((source) => {
      const choose = button(source.key, source.key, () => {
        close();
        cite(area, source.key);
      });
      const year = source.published_on ? `, ${source.published_on.slice(0, 4)}` : "";
      return element("li", {}, choose, ` ${source.publisher}: ${source.title}${year}`);
    });
    list.replaceChildren(...(items.length ? items : [element("li", {}, area.dataset.wordNothing)]));
  }

  function sourcePicker(area) {
    const field = element("input", { type: "search", "aria-label": area.dataset.wordFind, placeholder: area.dataset.wordFind });
    const list = element("ul", { "aria-live": "polite" });
    const panel = element("div", { class: "prose-editor-picker", hidden: "" }, field, list);
    const close = () => { panel.hidden = true; };
    let asked = 0;
    const find = async () => {
      const mine = ++asked;
      const answer = await fetch(`${area.dataset.sourcesUrl}?q=${encodeURIComponent(field.value)}`);
      if (answer.ok && mine === asked) showSources(list, (await answer.json()).sources, area, close);
    };
    field.addEventListener("input", find);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault(); // it would save the form
        list.querySelector("button")?.click();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        close();
        area.focus();
      }
    });
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

  function enhance(area) {
    if (area.dataset.enhanced || area.name.includes("__prefix__")) return;
    area.dataset.enhanced = "yes";
    const picker = sourcePicker(area);
    const words = area.dataset;
    const toolbar = element(
      "div",
      { class: "prose-editor-toolbar", role: "toolbar", "aria-controls": area.id },
      button(words.wordBold, "B", () => makeBold(area)),
      button(words.wordList, "•", () => makeList(area)),
      button(words.wordLink, "↗", () => makeLink(area)),
      button(words.wordCitation, `@ ${words.wordCitation}`, () => picker.open()),
    );
    const frame = element("div", { class: "prose-editor-frame" });
    area.replaceWith(frame);
    frame.append(toolbar, picker, area, livePreview(area));
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
