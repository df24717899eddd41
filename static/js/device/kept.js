// What somebody types stays in this browser: one entry a tool, {v: version, data}. Nothing here asks the network.
// An entry that cannot be read, of another version or cut short, is never written over: the page says so.
const Kept = (() => {
  const VERSION = 1;
  const PREFIX = "immuno.";
  const isObject = (data) => data && typeof data === "object" && !Array.isArray(data);
  const TOOLS = { card: isObject, questions: Array.isArray, records: isObject, diary: isObject, decision: isObject };
  let blocked = false;

  const say = (name) => {
    for (const line of document.querySelectorAll("[data-says]")) line.hidden = line.dataset.says !== name;
  };
  const understood = (name, entry) => entry?.v === VERSION && Boolean(TOOLS[name]?.(entry.data));

  // What is kept, `empty` if nothing is; null if it must not be touched.
  const read = (name, empty) => {
    let text;
    try { text = localStorage.getItem(PREFIX + name); } catch { say("off"); blocked = true; return empty; }
    if (text === null) return empty;
    try {
      const entry = JSON.parse(text);
      if (understood(name, entry)) return entry.data;
    } catch { /* cut short */ }
    blocked = true;
    say("unreadable");
    return null;
  };
  const write = (name, data) => {
    if (blocked) return;
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify({ v: VERSION, data }));
      say("kept");
    } catch { say("off"); }
  };
  const names = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

  // As it lies there, what cannot be read included: a copy must lose nothing.
  const toFile = () => {
    const entries = Object.fromEntries(names().map((key) => [key.slice(PREFIX.length), localStorage.getItem(key)]));
    const file = new Blob([JSON.stringify({ immuno: VERSION, entries })], { type: "application/json" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "my-pages.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  // All of it or nothing; what the file does not have stays.
  const fromFile = async (file) => {
    try {
      const read = JSON.parse(await file.text());
      const entries = Object.entries(read.entries);
      const whole = read.immuno === VERSION && entries.length;
      if (!whole || !entries.every(([name, text]) => understood(name, JSON.parse(text)))) throw new Error("not ours");
      if (blocked) return say("unreadable");
      for (const [name, text] of entries) localStorage.setItem(PREFIX + name, text);
      location.reload();
    } catch { say("wrong-file"); }
  };

  document.querySelector("[data-keep]")?.addEventListener("click", toFile);
  document.querySelector("[data-open]")?.addEventListener("change", (event) => {
    if (event.target.files[0]) fromFile(event.target.files[0]);
    event.target.value = "";
  });
  document.querySelector("[data-delete]")?.addEventListener("click", async (event) => {
    if (!confirm(event.currentTarget.dataset.delete)) return;
    names().forEach((key) => localStorage.removeItem(key));
    localStorage.removeItem("immuno-details");
    // Copies of pages, and what keeps them: the next person at this device shall find neither.
    try {
      await (await navigator.serviceWorker?.getRegistration())?.unregister();
      await globalThis.caches?.delete("kept-1");
    } catch { /* a browser that keeps none */ }
    location.reload();
  });
  return { read, write, say };
})();
