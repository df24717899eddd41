// Pages kept for offline: the worker alone keeps them and hands them out; here it is asked, and said what it has.
(async (wasTapped) => {
  const place = document.querySelector("[data-offline]");
  const page = place.dataset.offline; // its words are there, and it is kept with every page
  const answer = (await caches.match(new URL(page, location.href).href)) || (await fetch(page));
  const words = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-words]");
  const { keep, remove, keptOn, copyOf, failed, always } = words.dataset;
  const button = place.querySelector("button");
  const said = place.querySelector("[role=status]");
  const list = document.querySelector("[data-kept-pages]");
  const here = location.href.split("#")[0];
  const day = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });

  const ask = async (message) => {
    const { active } = await navigator.serviceWorker.ready;
    return new Promise((answer) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answer(data);
      active.postMessage(message, [port2]);
    });
  };
  const show = (pages) => {
    const own = pages.find((one) => one.url === here);
    button.textContent = own ? remove : keep;
    button.dataset.isKept = own ? "1" : "";
    said.textContent = own ? keptOn.replace("#", day(own.at)) : "";
    if (!list) return;
    list.replaceChildren(...pages.filter((one) => !new URL(one.url).pathname.endsWith("/offline/")).map((one) => {
      const row = document.getElementById("kept-page").content.cloneNode(true).firstElementChild;
      const link = row.querySelector("a");
      link.href = one.url;
      link.textContent = one.title;
      row.querySelector(".hint").textContent = keptOn.replace("#", day(one.at));
      const away = row.querySelector("button");
      away.setAttribute("aria-label", `${away.textContent}: ${one.title}`);
      away.addEventListener("click", async () => show(await ask({ drop: one.url })));
      return row;
    }));
    document.querySelector("[data-none-kept]").hidden = pages.length > 0;
    document.querySelector("[data-switch-off]").hidden = !pages.length;
  };
  const tap = async () => {
    try {
      await navigator.serviceWorker.register("/offline-worker.js");
      const pages = await ask(button.dataset.isKept ? { drop: here } : { keep: [here, page, ...always.split(" ")].map((path) => new URL(path, here).href) });
      show(pages);
      if (!pages.length) said.textContent = failed;
    } catch { said.textContent = failed; }
  };
  button.addEventListener("click", tap);
  document.querySelector("[data-switch-off]")?.addEventListener("click", async () => {
    await caches.delete("kept-1");
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.unregister();
    show([]);
  });

  const { kept } = document.documentElement.dataset;
  if (kept) {
    const line = document.createElement("p");
    line.className = "box";
    line.textContent = copyOf.replace("#", day(kept));
    document.querySelector("main").prepend(line);
  }
  if (wasTapped) tap();
  else if (navigator.serviceWorker.controller) ask(kept ? {} : { refresh: true }).then(show);
})("tapped" in document.currentScript.dataset);
