// Explains a source or a glossary word in place. Fetched by explain.js at the first tap on one.
const note = document.getElementById("note");
const text = note.querySelector(".note-text");
const wide = matchMedia("(width >= 64rem)");
let from;

const heading = (words) => Object.assign(document.createElement("h2"), { textContent: words });

const ofSources = (mark) => mark.dataset.n.split(", ").map((number) => {
  const line = document.createElement("p");
  const source = document.getElementById(`source-${number}`);
  line.append(`${number}. `, ...[...source.childNodes].map((node) => node.cloneNode(true)));
  return line;
});

// Most words of a page stand explained at its end, for paper; the others on the page of all words.
const termOf = async ({ hash, pathname }) => {
  const slug = decodeURIComponent(hash.slice(1));
  const here = document.getElementById(`word-${slug}`);
  if (here) return here;
  const answer = await fetch(pathname);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(slug);
};

const ofWord = async (link) => {
  const term = await termOf(link);
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

note.addEventListener("toggle", (event) => {
  if (event.newState === "open" || !from) return;
  from.classList.remove("is-open");
  from.focus({ preventScroll: true });
  from = undefined;
});

export default async (mark) =>
  show(mark, mark.matches(".cite") ? [heading(note.dataset.sources), ...ofSources(mark)] : await ofWord(mark));
