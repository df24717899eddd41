// Offers the sources that fit what is typed; without it a key can be typed as it is.
"use strict";

for (const field of document.querySelectorAll("input[data-find]")) {
  let asked = 0;
  field.addEventListener("input", async () => {
    const mine = ++asked;
    await new Promise((done) => setTimeout(done, 200));
    if (mine !== asked || field.value.length < 2) return;
    const answer = await fetch(`${field.dataset.find}?q=${encodeURIComponent(field.value)}`);
    if (!answer.ok || answer.redirected || mine !== asked) return;
    const {sources} = await answer.json();
    field.list.replaceChildren(...sources.map((source) => new Option(`${source.title}, ${source.publisher}`, source.key)));
  });
}
