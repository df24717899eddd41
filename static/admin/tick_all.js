// One box that ticks all others of its form.
"use strict";

document.getElementById("day-all")?.addEventListener("change", (event) => {
  for (const box of event.target.form.querySelectorAll("[name=text]")) box.checked = event.target.checked;
});
