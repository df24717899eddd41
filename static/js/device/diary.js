// The diary: one mark a row and day. A marked sign shows what the sign list says of it: no sums, no alarms.
{
  const form = document.querySelector("[data-diary]");
  if (form) {
    const lines = JSON.parse(document.getElementById("diary-lines").textContent);
    const [treatment, day] = ["treatment", "day"].map((name) => form.querySelector(`[data-${name}]`));
    const fields = [...form.querySelectorAll("[data-row]")];
    const rows = fields.filter((field) => field.tagName === "SELECT");
    const visit = document.querySelector("[data-visit]");
    const label = (field) => field.labels[0].textContent;
    const options = (field) => [...field.options].map((one) => one.value);
    const make = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
    const svg = (tag, of) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.entries(of).forEach(([name, value]) => made.setAttribute(name, value));
      return made;
    };
    const isObject = (one) => one && typeof one === "object" && !Array.isArray(one);
    const kept = Kept.read("diary", {}) || {};
    const days = isObject(kept.days) ? kept.days : {};
    const now = new Date();
    const today = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);

    const open = () => fields.forEach((field) => {
      const value = days[day.value]?.[field.dataset.row];
      field.value = typeof value === "string" ? value : "";
      if (field.selectedIndex < 0) field.value = "";
    });
    const act = () => {
      const marked = rows.map((field) => field.value).filter((key) => key && key !== "usual");
      const said = marked.map((key) => lines[treatment.value]?.[key] || lines[""][key]).filter(Boolean);
      document.querySelector("[data-act]").replaceChildren(...[...document.querySelectorAll("[data-level]")].flatMap((level) => {
        const words = said.filter((one) => one[0] === level.dataset.level).map((one) => make("li", one[1]));
        if (!words.length) return [];
        const card = level.content.cloneNode(true);
        card.querySelector("ul").append(...words);
        return card;
      }));
    };
    const chart = (all) => {
      const drawn = svg("svg", { viewBox: `0 0 300 ${rows.length * 26}`, role: "img", "aria-label": document.querySelector("[data-chart]").dataset.chart });
      rows.forEach((field, at) => {
        const foot = at * 26 + 22;
        const name = svg("text", { x: 0, y: foot });
        name.textContent = label(field);
        drawn.append(name, svg("path", { d: `M90 ${foot}H296` }));
        all.slice(0, 14).reverse().forEach((date, turn) => {
          const step = options(field).indexOf(days[date][field.dataset.row]) - 1;
          if (step >= 0) drawn.append(svg("circle", { cx: 97 + turn * 15, cy: foot - step * 4, r: 3 }));
        });
      });
      return drawn;
    };
    const show = () => {
      act();
      const all = Object.keys(days).filter((date) => isObject(days[date]) && Object.values(days[date]).some(Boolean)).sort().reverse();
      visit.hidden = !all.length;
      document.querySelector(".diary-blank").hidden = all.length > 0;
      document.querySelector("[data-chart]").replaceChildren(chart(all));
      document.querySelector("[data-days]").replaceChildren(...all.flatMap((date) => {
        const marks = fields.map((field) => {
          const mark = days[date][field.dataset.row];
          if (!mark) return null;
          return `${label(field)}: ${[...(field.options || [])].find((one) => one.value === mark)?.textContent || mark}`;
        });
        return [make("dt", date), ...marks.filter(Boolean).map((words) => make("dd", words))];
      }));
    };
    day.value = today;
    if (options(treatment).includes(kept.treatment)) treatment.value = kept.treatment;
    form.addEventListener("input", (event) => {
      if (event.target === day) open();
      else {
        const marks = Object.fromEntries(fields.map((field) => [field.dataset.row, field.value]));
        if (event.target !== treatment && day.value) days[day.value] = { ...days[day.value], ...marks };
        Kept.write("diary", { ...kept, treatment: treatment.value, days });
      }
      show();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    open();
    show();
  }
}
