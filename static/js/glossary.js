// A glossary link explains its word on the spot. If anything goes wrong it is the link it always was.
{
  const box = document.getElementById("term-box");
  const explain = async (link) => {
    try {
      const answer = await fetch(link.pathname);
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const term = page.getElementById(decodeURIComponent(link.hash.slice(1)));
      const explanation = term.matches("dt") ? term.nextElementSibling : term.querySelector("dd");
      box.querySelector("h2").textContent = (term.matches("dt") ? term : term.querySelector("dt")).firstChild.textContent.trim();
      box.querySelector(".term-explanation").replaceChildren(...document.importNode(explanation, true).childNodes);
      box.querySelectorAll("sup").forEach((mark) => mark.remove());
      box.querySelector(".term-more").href = link.href;
      box.showModal();
    } catch {
      location.assign(link.href);
    }
  };
  if (box?.showModal) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest('main a[href*="/glossary/#"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      explain(link);
    });
    box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  }
}
