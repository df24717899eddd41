// Search fields that can offer names; what does it is fetched when somebody comes to one.
for (const field of document.querySelectorAll("form[data-names] input")) {
  field.type = "text"; // a search field may not be a combobox
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  const fetchOnce = () => {
    if (document.querySelector("[data-suggest]")) return;
    const script = document.createElement("script");
    script.src = field.form.dataset.script;
    script.dataset.suggest = "";
    document.head.append(script);
  };
  field.addEventListener("focus", fetchOnce);
}
