// Two prints of a page, and ways to hand it on. On paper every fold is open, but for the visit only what one takes.
{
  // Folded on the screen, whole on the paper for a visit.
  const VISIT = ".section-questions, .section-records";
  const root = document.documentElement;
  let opened = [];
  const print = async (what) => {
    root.dataset.print = what;
    const code = document.querySelector(".qr");
    if (code && !code.src) {
      code.src = code.dataset.src;
      await code.decode().catch(() => {});
    }
    window.print();
  };
  const share = async (button) => {
    const page = { title: document.title, url: location.href.split("#")[0] };
    try {
      if (navigator.share) await navigator.share(page);
      else {
        await navigator.clipboard.writeText(page.url);
        if (button.dataset.done) button.lastChild.textContent = button.dataset.done;
      }
    } catch { /* the reader closed the sheet */ }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    if (button.dataset.do === "share") share(button);
    else print(button.dataset.do === "print-visit" ? "visit" : "everything");
  });
  addEventListener("beforeprint", () => {
    const folds = root.dataset.print === "visit" ? VISIT : "main details";
    opened = [...document.querySelectorAll(`:is(${folds}):not([open])`)];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => {
    opened.forEach((details) => { details.open = false; });
    delete root.dataset.print;
  });
}
// A link to something folded opens it.
{
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
}
