// Look-ups get the name of their field: Select2 gives its boxes none, and a screen reader would say "combo box".
"use strict";

const nameLookUps = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    if (!label) continue;
    const name = label.textContent.replace(/[:*\s]+$/, "").trim();
    for (const box of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field")) {
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", name);
    }
  }
};

// They are made after the page, and with each new row.
nameLookUps();
new MutationObserver(nameLookUps).observe(document.body, {childList: true, subtree: true});
