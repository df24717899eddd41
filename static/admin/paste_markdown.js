// What is pasted from Word, a mail or a web page as the Markdown of the same words: lists, bold, links, tables, headings.

window.markdownOf = (() => {
  const BLOCKS = new Set(["P", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "UL", "OL", "LI", "TABLE", "TR", "SECTION", "ARTICLE", "BLOCKQUOTE"]);
  const OUTSIDE = /^(?:https?:\/\/|mailto:)[^\s()]+$/i;

  const squeezed = (text) => text.replace(/[\s\u00a0]+/g, " ");

  function isBold(node) {
    const weight = node.style?.fontWeight;
    if (weight) return weight === "bold" || Number(weight) >= 600; // some editors wrap everything in a <b> that is none
    return node.tagName === "B" || node.tagName === "STRONG";
  }

  function inline(node) {
    if (node.nodeType === Node.TEXT_NODE) return squeezed(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || ["STYLE", "SCRIPT", "TITLE", "META"].includes(node.tagName)) return "";
    if (/mso-list:\s*Ignore/i.test(node.getAttribute("style") ?? "")) return ""; // Word draws its bullets as text
    if (node.tagName === "BR") return "\n";
    const words = [...node.childNodes].map(inline).join("");
    const text = words.trim();
    if (!text) return words && " ";
    const around = (made) => words.replace(text, () => made);
    if (node.tagName === "A" && OUTSIDE.test(node.getAttribute("href") ?? "")) return around(`[${text}](${node.getAttribute("href")})`);
    if (isBold(node) && !text.includes("**")) return around(`**${text}**`);
    return words;
  }

  const line = (node) => inline(node).split("\n").map((part) => squeezed(part).trim()).filter(Boolean).join("\n");

  function table(node) {
    const rows = [...node.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => squeezed(line(cell)).replaceAll("|", "/")));
    const widest = Math.max(0, ...rows.map((row) => row.length));
    if (!widest) return "";
    const written = rows.map((row) => `| ${[...row, ...Array(widest - row.length).fill("")].join(" | ")} |`);
    written.splice(1, 0, `|${" --- |".repeat(widest)}`);
    return written.join("\n");
  }

  function list(node, depth) {
    let number = 0;
    return [...node.children].map((item) => {
      if (item.tagName === "UL" || item.tagName === "OL") return list(item, depth + 1);
      number += 1;
      const own = [...item.childNodes].filter((child) => child.tagName !== "UL" && child.tagName !== "OL");
      const words = squeezed(own.map(inline).join("")).trim();
      const below = [...item.children].filter((child) => child.tagName === "UL" || child.tagName === "OL");
      const mark = node.tagName === "OL" ? `${number}.` : "-";
      return [`${"    ".repeat(depth)}${mark} ${words}`, ...below.map((child) => list(child, depth + 1))].join("\n");
    }).join("\n");
  }

  // A point of a list in Word is a paragraph that says so in its style.
  function wordPoint(node) {
    const style = node.getAttribute("style") ?? "";
    if (!/mso-list:\s*l\d/i.test(style)) return "";
    const drawn = [...node.querySelectorAll("[style*='mso-list']")].map((one) => one.textContent).join("");
    const depth = Number(style.match(/level(\d)/i)?.[1] ?? 1) - 1;
    return `${"    ".repeat(depth)}${/\d/.test(drawn) ? "1." : "-"} ${line(node)}`;
  }

  function* blocks(node) {
    let run = [];
    const flush = () => {
      const words = run.map(inline).join("").split("\n").map((part) => squeezed(part).trim()).filter(Boolean).join("\n");
      run = [];
      return words;
    };
    for (const child of node.childNodes) {
      if (!BLOCKS.has(child.tagName) && !child.querySelector?.([...BLOCKS].join(","))) {
        run.push(child);
        continue;
      }
      const before = flush();
      if (before) yield before;
      if (child.tagName === "UL" || child.tagName === "OL") yield list(child, 0);
      else if (child.tagName === "TABLE") yield table(child);
      else if (/^H[1-6]$/.test(child.tagName)) yield line(child) && `### ${line(child)}`;
      else if (wordPoint(child)) yield wordPoint(child);
      else if (child.querySelector?.([...BLOCKS].join(","))) yield* blocks(child);
      else yield line(child);
    }
    const rest = flush();
    if (rest) yield rest;
  }

  return (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const isPoint = (text) => /^\s*(?:-|\d+\.) /.test(text);
    return [...blocks(page.body)].filter((text) => text.trim()).reduce(
      (whole, text) => whole + (whole && (isPoint(text) && isPoint(whole.split("\n").at(-1)) ? "\n" : "\n\n")) + text, "");
  };
})();
