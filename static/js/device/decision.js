// The decision sheet: a card for each option that is ticked or named, and what is written on it, kept by cancer.
{
  const form = document.querySelector("[data-decision]");
  if (form) {
    const isObject = (one) => one && typeof one === "object" && !Array.isArray(one);
    const cancer = form.dataset.decision || "any";
    const kept = Kept.read("decision", {}) || {};
    const mine = isObject(kept[cancer]) ? kept[cancer] : {};
    const options = [...form.querySelectorAll("[data-option]")];
    const place = form.querySelector("[data-options]");
    const blank = [...place.children];
    const shape = document.getElementById("option-card").content;
    const compare = form.querySelector("[data-side-by-side]");

    const fill = (field) => {
      const value = mine[field.name];
      if (field.type === "checkbox") field.checked = value === true;
      else if (field.type === "radio") field.checked = value === field.value;
      else if (typeof value === "string") field.value = value;
      const typed = field.parentNode.querySelector(".typed");
      if (typed) typed.textContent = field.value; // paper shows all of it
    };
    const card = (option) => {
      const made = shape.cloneNode(true).firstElementChild;
      made.querySelector("h3").textContent = option.dataset.option || option.value;
      for (const field of made.querySelectorAll("textarea")) {
        field.name = `${field.dataset.as} ${option.name}`;
        field.id = field.name.replace(/\W/g, "-");
        field.parentNode.firstElementChild.htmlFor = field.id;
        fill(field);
      }
      return made;
    };
    const show = () => {
      const chosen = options.filter((one) => (one.type === "checkbox" ? one.checked : one.value.trim()));
      place.replaceChildren(...(chosen.length ? chosen.map(card) : blank));
      const named = [...new Set(chosen.map((one) => one.dataset.compare).filter(Boolean))].slice(0, 4);
      compare.hidden = named.length < 2;
      compare.firstElementChild.search = named.map((one) => `drug=${one}`).join("&");
    };
    [...form.elements].filter((field) => field.name).forEach(fill);
    form.addEventListener("input", ({ target }) => {
      mine[target.name] = target.type === "checkbox" ? target.checked : target.value;
      Kept.write("decision", { ...kept, [cancer]: mine });
      fill(target);
      if (options.includes(target)) show();
    });
    form.querySelector("[data-ask]").addEventListener("click", () => {
      const open = [...form.querySelectorAll("[data-know]:not(:checked)")].map((box) => box.nextElementSibling.textContent);
      const questions = Kept.read("questions", []);
      if (!Array.isArray(questions)) return;
      const from = document.querySelector("h1").textContent.trim();
      const more = open.filter((words) => !questions.some((one) => one?.words === words)).map((words) => ({ words, from }));
      Kept.write("questions", [...questions, ...more]);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }
}
