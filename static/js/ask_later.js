// A question on a page can be kept for the visit, on this device. What another release keeps there is not touched.
{
  const KEY = "immuno.questions";
  const parts = document.getElementById("ask-later")?.content.children;
  const kept = () => {
    const text = localStorage.getItem(KEY);
    const all = text ? JSON.parse(text) : { v: 1, data: [] };
    if (all.v !== 1 || !Array.isArray(all.data)) throw new Error("another version");
    return all;
  };
  for (const item of parts ? document.querySelectorAll(".section-questions li") : []) {
    const words = item.textContent.replace(/\s+/g, " ").trim();
    const button = parts[0].cloneNode(true);
    button.addEventListener("click", () => {
      const link = parts[1].cloneNode(true);
      try {
        const all = kept();
        if (!all.data.some((one) => one.words === words)) {
          all.data.push({ words, from: document.querySelector("h1").textContent.trim() });
          localStorage.setItem(KEY, JSON.stringify(all));
        }
      } catch { return location.assign(link.href); } // that page says why, and keeps what is there
      button.replaceWith(link);
      link.focus();
    });
    item.append(" ", button);
  }
}
