// Keeps pages that a reader chose, and hands them out where there is no connection. Registered by a tap alone
// (static/js/offline/offline.js). It asks the network first, keeps nothing but what it was told to keep, and nothing
// that says of itself that it is somebody's own.
const KEPT = "kept-1";
const HOUR = 3_600_000;
const open = () => caches.open(KEPT);
const bare = (url) => url.split("#")[0];
const isOwn = (answer) => /no-store|private/.test(answer.headers.get("Cache-Control") || "");
const filesIn = (html) => [...html.matchAll(/(?:href|src|data-script)="(\/static\/[^"#]+)/g)].map((match) => match[1]);

// The page with its day and title, and every file it names. What moved or is gone is no longer kept.
const put = async (kept, url, answer) => {
  if (answer.type === "opaqueredirect" || answer.redirected || [404, 410].includes(answer.status)) return kept.delete(url);
  if (!answer.ok || isOwn(answer)) return false;
  const html = await answer.text();
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  headers.set("X-Kept-Title", encodeURIComponent((html.match(/<title>([^<]*)/) || ["", url])[1].trim()));
  await kept.put(url, new Response(html, { headers }));
  for (const file of filesIn(html)) {
    if (!(await kept.match(file))) await kept.add(file).catch(() => {});
  }
  return true;
};
const marked = async (copy) => {
  const html = await copy.text();
  const at = `<html data-kept="${copy.headers.get("X-Kept-At")}" `;
  return new Response(html.replace("<html ", at), { headers: copy.headers });
};
// Without a connection: the copy, or which pages there are.
const page = async (request) => {
  const kept = await open();
  const url = bare(request.url);
  const copy = await kept.match(url);
  const answer = await fetch(new Request(request, { cache: "no-cache" })).catch(() => null);
  if (answer && !(answer.status >= 500 && copy)) {
    if (copy) await put(kept, url, answer.clone()).catch(() => {}); // a full device keeps the older one
    return answer;
  }
  const list = (await listed(kept)).find((one) => new URL(one.url).pathname.endsWith("/offline/"));
  return copy ? marked(copy) : list ? marked(await kept.match(list.url)) : Response.error();
};
const listed = async (kept) => {
  const requests = await kept.keys();
  const pages = await Promise.all(requests.map(async ({ url }) => ({ url, headers: (await kept.match(url)).headers })));
  return pages
    .filter(({ headers }) => headers.has("X-Kept-At"))
    .map(({ url, headers }) => ({ url, at: headers.get("X-Kept-At"), title: decodeURIComponent(headers.get("X-Kept-Title")) }));
};
// Once an hour, while there is a connection: what was withdrawn goes, files that no page names any more go too.
const refresh = async (kept) => {
  const pages = await listed(kept);
  const old = pages.filter((one) => Date.now() - Date.parse(one.at) > HOUR);
  if (!old.length) return;
  for (const { url } of old) {
    const answer = await fetch(url, { cache: "no-cache", redirect: "manual" }).catch(() => null);
    if (!answer) return;
    await put(kept, url, answer).catch(() => {});
  }
  const htmls = await Promise.all((await listed(kept)).map(async ({ url }) => (await kept.match(url)).text()));
  const named = new Set(htmls.flatMap(filesIn));
  for (const { url } of await kept.keys()) {
    const path = new URL(url).pathname;
    if (path.startsWith("/static/") && !named.has(path)) await kept.delete(url);
  }
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await (await open()).match(request.url)) || Response.error()));
  }
});
addEventListener("message", (event) => event.waitUntil((async () => {
  const kept = await open();
  const { keep = [], drop } = event.data;
  for (const url of keep) await put(kept, bare(url), await fetch(url, { cache: "no-cache" }).catch(() => Response.error()));
  if (drop) await kept.delete(drop);
  if (event.data.refresh) await refresh(kept);
  event.ports[0].postMessage(await listed(kept));
})()));
