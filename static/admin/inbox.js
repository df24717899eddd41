// The inbox without a mouse: arrow keys move from request to request in the list; buttons copy a reply.
// Everything works without this file.

const links = [...document.querySelectorAll(".inbox-reference")];
const places = { ArrowDown: (i) => i + 1, ArrowUp: (i) => i - 1, Home: () => 0, End: () => links.length - 1 };

for (const [i, link] of links.entries()) {
  link.addEventListener("keydown", (event) => {
    const next = links[places[event.key]?.(i)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent += " ✓";
  });
}

document.querySelector(".inbox-tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
document.querySelector(".error-summary")?.focus();
