// My questions: kept from pages or typed here, in an order of one's own.
{
  const list = document.querySelector("[data-questions]");
  if (list) {
    const form = document.querySelector("[data-own-question]");
    const field = form.querySelector("textarea");
    const row = document.getElementById("question-row").content;
    const none = document.querySelector("[data-no-questions]");
    let kept = Kept.read("questions", []);
    if (kept) kept = kept.filter((one) => typeof one?.words === "string");

    const show = (focus) => {
      list.replaceChildren(...(kept || []).map((one, at) => {
        const item = row.cloneNode(true).firstElementChild;
        item.querySelector("p").textContent = one.words;
        item.querySelector(".hint").textContent = one.from || "";
        for (const button of item.querySelectorAll("button")) {
          button.setAttribute("aria-label", `${button.textContent}: ${one.words}`);
          button.addEventListener("click", () => move(button.dataset.move, at));
        }
        return item;
      }));
      none.hidden = !kept || kept.length > 0;
      list.children[focus?.at]?.querySelector(`[data-move="${focus.move}"]`)?.focus();
    };
    const move = (how, at) => {
      const to = how === "up" ? at - 1 : how === "down" ? at + 1 : at;
      if (to < 0 || to >= kept.length) return;
      const [one] = kept.splice(at, 1);
      if (how !== "remove") kept.splice(to, 0, one);
      Kept.write("questions", kept);
      show({ at: Math.min(to, kept.length - 1), move: how });
      if (!kept.length) field.focus();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = field.value.replace(/\s+/g, " ").trim();
      if (!words || !kept) return;
      kept.push({ words });
      Kept.write("questions", kept);
      field.value = "";
      show();
      field.focus();
    });
    show();
  }
}
