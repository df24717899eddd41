// A form that somebody types in: links that lead away take the words along, and without a connection the page stays.
{
  const form = document.querySelector("form[data-keeps]");
  const online = document.querySelector("link[rel=icon]").href;
  const note = form?.querySelector("[data-no-connection]");
  let way = null;
  let isSure = false;
  let refusals = 0;

  const leave = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const link = event.currentTarget;
    way = Object.assign(document.createElement("input"), { type: "hidden", name: "leave", value: link.lang || "back" });
    form.append(way);
    if (link.lang) form.action = link.href;
    form.requestSubmit();
  };

  // A page that could not be loaded takes the words with it when "Back" is pressed.
  const send = async (event) => {
    if (isSure) return;
    event.preventDefault();
    note.hidden = true;
    try {
      await fetch(online, { method: "HEAD", cache: "no-store" });
    } catch {
      refusals += 1;
      // Whoever insists may know better than a browser in which something stands in our way.
      if (refusals < 3 || !navigator.onLine) {
        note.hidden = false;
        form.removeAttribute("action");
        way?.remove();
        return;
      }
    }
    isSure = true;
    form.requestSubmit(event.submitter);
  };

  if (form?.requestSubmit) {
    form.addEventListener("submit", send);
    addEventListener("pageshow", () => (isSure = false));
    if (form.dataset.keeps === "words") {
      for (const link of document.querySelectorAll("[data-leave], .language-switcher a")) link.addEventListener("click", leave);
    }
  }
}
