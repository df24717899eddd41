// The draft a clinician reads: at the width of a desktop, or of a phone.

(() => {
  const frame = document.querySelector(".read-frame");
  const buttons = document.querySelectorAll("[data-width]");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      frame.classList.toggle("is-phone", button.dataset.width === "phone");
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
    });
  }
})();
