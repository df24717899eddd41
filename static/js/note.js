// A source or a glossary word is explained in place. Without this file, or if anything goes wrong, both are links.
{
  const note = document.getElementById("note");
  const text = note?.querySelector(".note-text");
  const wide = matchMedia("(width >= 64rem)");
  let from;

  const heading = (words) => Object.assign(document.createElement("h2"), { textContent: words });

  const ofSources = (mark) => mark.dataset.n.split(", ").map((number) => {
    const line = document.createElement("p");
    const source = document.getElementById(`source-${number}`);
    line.append(`${number}. `, ...[...source.childNodes].map((node) => node.cloneNode(true)));
    return line;
  });

  const ofWord = async (link) => {
    const answer = await fetch(link.pathname);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const term = page.getElementById(decodeURIComponent(link.hash.slice(1)));
    const explanation = document.createElement("div");
    explanation.append(...document.importNode(term.querySelector("dd"), true).childNodes);
    explanation.querySelectorAll(".cite").forEach((mark) => mark.remove());
    const more = document.createElement("p");
    more.append(Object.assign(document.createElement("a"), { href: link.href, textContent: note.dataset.words }));
    return [heading(term.querySelector("dt").firstChild.textContent.trim()), explanation, more];
  };

  const show = (mark, parts) => {
    text.replaceChildren(...parts);
    from = mark;
    mark.classList.add("is-open");
    note.showPopover();
    note.style.cssText = "";
    if (wide.matches) {
      const at = mark.getBoundingClientRect();
      const below = at.bottom + 10;
      note.style.left = `${Math.max(16, Math.min(at.left - 40, innerWidth - note.offsetWidth - 16))}px`;
      note.style.top = `${below + note.offsetHeight > innerHeight ? Math.max(16, at.top - note.offsetHeight - 10) : below}px`;
    }
    note.querySelector("button").focus();
  };

  if (note?.showPopover) {
    document.addEventListener("click", async (event) => {
      const mark = event.target.closest('main a.cite, main a[href*="/glossary/#"]');
      if (!mark || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      try {
        show(mark, mark.matches(".cite") ? [heading(note.dataset.sources), ...ofSources(mark)] : await ofWord(mark));
      } catch {
        location.assign(mark.href);
      }
    });
    note.addEventListener("toggle", (event) => {
      if (event.newState === "open" || !from) return;
      from.classList.remove("is-open");
      from.focus({ preventScroll: true });
      from = undefined;
    });
  }
}
