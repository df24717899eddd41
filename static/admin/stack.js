/* The stack of facts: the button waits until the end of each fact was on the screen. Without this script the tick
   beside the button is the clinician's word for it. */
"use strict";

document.querySelectorAll("form.stack").forEach((form) => {
  const note = form.querySelector(".stack-unseen");
  const button = form.querySelector("input[type=submit]");
  if (!note || !("IntersectionObserver" in window)) return;
  const unseen = new Set(form.querySelectorAll(".stack-fact > :last-child"));
  const tell = () => {
    note.hidden = unseen.size === 0;
    note.textContent = note.dataset.words.replace("%s", unseen.size);
    button.disabled = unseen.size > 0;
  };
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      unseen.delete(entry.target);
      watch.unobserve(entry.target);
    }
    tell();
  });
  unseen.forEach((end) => watch.observe(end));
  tell();
});
