// The panel beside an entry's form: asks the server what every rule says of the text as it is typed now.

(() => {
  const QUIET = 1200; // milliseconds after the last key

  const panel = document.getElementById("check-panel");
  const form = panel.closest("form");
  let asked = 0;
  let timer = 0;

  function note() {
    const said = panel.querySelector("[data-can-publish]")?.dataset;
    const can = said?.canPublish === "yes";
    const link = form.querySelector(".next-step-number");
    if (said) link.textContent = said.number === "0" ? link.dataset.none : link.dataset.words.replace("%s", said.number);
    for (const button of form.querySelectorAll("[data-needs=publish]")) button.setAttribute("aria-disabled", String(!can));
  }

  async function check() {
    const mine = ++asked;
    panel.setAttribute("aria-busy", "true");
    const body = new FormData(form);
    for (const name of ["stamp", "kept_form"]) body.delete(name); // nothing is saved: no conflict, and what is kept stays
    const answer = await fetch(panel.dataset.url, { method: "POST", body, redirect: "manual" }).catch(() => ({ ok: false }));
    if (!answer.ok || mine !== asked) return;
    panel.innerHTML = await answer.text(); // our own template; every word in it is escaped
    panel.removeAttribute("aria-busy");
    note();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(check, QUIET);
  }

  // To the field itself, not only to its place.
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".check-panel a[href^='#'], .next-step a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.scrollIntoView({ block: "center" });
  });

  // A button that does nothing says why.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-needs=publish][aria-disabled=true]");
    if (!button) return;
    event.preventDefault();
    panel.focus();
    panel.scrollIntoView({ block: "nearest" });
  });

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  note();
  check();
})();
