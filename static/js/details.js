// All folds of a page closed or open, as the reader last chose on this device. The text is the same either way.
{
  const KEY = "immuno-details"; // not one of the answers that a file of them holds
  const button = document.querySelector("[data-details]");
  const set = (how) => {
    for (const fold of document.querySelectorAll(".entry-text details")) fold.open = how === "all";
    button.dataset.details = how === "all" ? "short" : "all";
    button.textContent = button.dataset[button.dataset.details];
  };
  button?.addEventListener("click", () => {
    const how = button.dataset.details;
    set(how);
    try { localStorage.setItem(KEY, how); } catch { /* for this page, then */ }
  });
  try {
    const chosen = localStorage.getItem(KEY);
    if (button && chosen) set(chosen);
  } catch { /* nothing is kept here */ }
}
