// The emergency card: fields on one side, the card on the other. All words and codes came with the page.
{
  const form = document.querySelector("[data-card]");
  const make = (tag, words, of = {}) => Object.assign(document.createElement(tag), { textContent: words }, of);
  const SVG = "http://www.w3.org/2000/svg";

  // "29:" and a bit a module, in base64.
  const drawn = (code, label) => {
    const [size, packed] = code.split(":");
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    let path = "";
    for (let at = 0; at < size * size; at += 1) {
      if (bytes[at >> 3] & (128 >> (at & 7))) path += `M${at % size} ${Math.floor(at / size)}h1v1h-1z`;
    }
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `-4 -4 ${+size + 8} ${+size + 8}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    svg.append(document.createElementNS(SVG, "path"));
    svg.firstChild.setAttribute("d", path);
    return svg;
  };

  if (form) {
    const data = JSON.parse(document.getElementById("card-data").textContent);
    const card = document.querySelector(".e-card");
    const fields = [...form.querySelectorAll("[name]")];

    const show = () => {
      const typed = Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));
      const slugs = ["medicine1", "medicine2", "medicine3"].map((name) => typed[name]).filter((slug) => data.medicines[slug]);
      const chosen = [...new Set(slugs)].map((slug) => data.medicines[slug]);
      const groups = [...new Set(chosen.flatMap((one) => one.groups))];
      const lists = (groups.length ? groups : Object.keys(data.think)).map((group) => data.think[group]);
      // By turns, so that the gravest of each treatment come first.
      const think = [...new Set(Array.from({ length: 40 }, (_, turn) => lists.map((list) => list[turn])).flat())].filter(Boolean);
      typed.medicine = [...chosen.map((one) => one.name), typed.other].filter(Boolean).join(", ");
      // The card of a medicine that is no immunotherapy must not say it is one.
      const isOther = typed.medicine && !chosen.some((one) => one.immunotherapy);
      for (const place of card.querySelectorAll("[data-out]")) place.textContent = typed[place.dataset.out] || "";
      for (const side of ["staff", "own"]) {
        const language = typed[side];
        const words = data.words[language];
        for (const place of card.querySelectorAll(`[data-side="${side}"]`)) {
          place.lang = language;
          place.dir = words.dir;
          const { phrase } = place.dataset;
          if (phrase) place.textContent = (isOther && words.phrases[`${phrase}_other`]) || words.phrases[phrase];
          if (isOther && phrase === "title") place.append(" ", make("bdi", typed.medicine));
          if (!phrase) place.replaceChildren(...think.map((slug) => make("li", words.effects[slug])));
        }
      }
      card.classList.toggle("is-one-language", typed.staff === typed.own);
      card.querySelector(".e-codes").replaceChildren(...chosen.map((one) => {
        const figure = document.createElement("figure");
        figure.append(drawn(one.code, one.name), make("figcaption", one.name));
        return figure;
      }));
      card.querySelector(".e-codes-head").hidden = !chosen.length;
    };

    const kept = Kept.read("card", {});
    for (const field of fields) {
      const value = kept?.[field.name];
      if (typeof value === "string" && (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value))) field.value = value;
    }
    form.addEventListener("input", () => {
      // What a later release or a medicine that has gone left there stays there.
      const now = Object.fromEntries(fields.map((field) => [field.name, field.value]));
      Kept.write("card", { ...kept, ...now });
      show();
    });
    document.querySelector("[data-wallet]").addEventListener("click", () => {
      document.documentElement.dataset.print = "wallet";
      window.print();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }
}
