// Work that is not lost: a page that stays open keeps its person signed in while they work, says over everything when
// they are signed out, keeps a message that is being written on the server (never here, where others sit too), says
// who else reads a request, and renews the list. Everything works without this file, but for what it says by itself.

const TICK = 45_000, KEEP_AFTER = 3_000, ASK_AGAIN = 3_000;
const said = document.getElementById("desk-said");
const dialog = document.getElementById("signed-out");
const content = document.getElementById("content");
let isActive = false, asking;

for (const kind of ["keydown", "pointerdown", "scroll"]) {
  addEventListener(kind, () => { isActive = true; }, { capture: true, passive: true });
}

// --- Asking the site ----------------------------------------------------------------------------------------------

// What this page asks by itself does not keep anybody signed in: only work does.
function ask(address, { counts = true, ...more } = {}) {
  const headers = counts ? {} : { Unattended: "1" };
  return fetch(address, { redirect: "manual", headers, ...more });
}

// "here", "out" (nobody is signed in), "other", "gone" (not to be seen any more) or "offline".
async function look({ counts }) {
  let answer;
  try {
    answer = await ask(dialog.dataset.alive, { counts });
  } catch {
    return "offline";
  }
  if (answer.type === "opaqueredirect") return "out";
  if (!answer.ok) return "offline";
  const { who, token, reading, is_gone: isGone } = await answer.json();
  if (String(who) !== dialog.dataset.who) return "other";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  showReaders(reading ?? "");
  return isGone ? "gone" : "here";
}

// Asks, and shows what the answer means for this page. May a form be sent? Of a request that is gone the site's own page
// says so, with what was typed.
async function check({ counts = true } = {}) {
  const state = await look({ counts });
  if (state === "out" || state === "other") cover(state);
  else if (state !== "offline") uncover();
  if (said.dataset[state]) say(said.dataset[state]);
  return state === "here" || state === "gone";
}

function say(words) {
  if (said.textContent !== words) said.textContent = words;
}

function showReaders(words) {
  const place = document.getElementById("reading");
  if (!place) return;
  if (place.textContent !== words) place.textContent = words;
  place.hidden = !words;
}

// --- Signed out -----------------------------------------------------------------------------------------------------

function cover(state) {
  document.getElementById("signed-out-same").hidden = state === "other";
  document.getElementById("signed-out-other").hidden = state !== "other";
  if (!dialog.open) dialog.showModal();
  clearInterval(asking);
  asking = setInterval(() => check({ counts: false }), ASK_AGAIN);
}

function uncover() {
  if (!dialog.open) {
    if (said.textContent === said.dataset.offline) say("");
    return;
  }
  clearInterval(asking);
  dialog.close("here");
  say(said.dataset.back);
  keep();
}

dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "here") dialog.showModal(); // what is under it is not for whoever sits here now
  dialog.returnValue = "";
});
dialog.querySelector("a").addEventListener("click", (event) => {
  if (open(event.target.href)) event.preventDefault(); // a window that a script opened can close itself
});
if (document.getElementById("signed-in-again") && opener) close();

// --- Forms ------------------------------------------------------------------------------------------------------------

// A form is sent only when it will be taken: with a session that is over, or no connection, it stays as it is.
let isSending = false;
const changed = new Set();
content.addEventListener("input", (event) => {
  if (event.target.form?.method === "post") changed.add(event.target.form);
});
content.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (isSending) {
    changed.delete(form);
    return;
  }
  event.preventDefault();
  if (!(await check())) return;
  isSending = true;
  clearTimeout(keeping);
  form.requestSubmit(event.submitter);
  setTimeout(() => { isSending = false; }, 1_000); // a file that is handed out leaves the page where it is
});
addEventListener("beforeunload", (event) => {
  changed.delete(message);
  if (!isSending && [...changed].some((form) => form.isConnected)) event.preventDefault();
});

// --- The message that is being written ------------------------------------------------------------------------------

const message = document.querySelector("[data-draft]");
let keeping, isUnkept = false;

function keepSoon(after = KEEP_AFTER) {
  isUnkept = true;
  keeping ??= setTimeout(keep, after);
}

async function keep({ isLeaving = false } = {}) {
  clearTimeout(keeping);
  keeping = undefined;
  if (!message || !isUnkept || isSending || dialog.open) return;
  isUnkept = false;
  const draft = new FormData(message);
  draft.delete("files");
  const told = document.getElementById("draft-said");
  let answer;
  try {
    answer = await ask(message.dataset.draft, { method: "POST", body: draft, mode: "cors", keepalive: isLeaving });
  } catch {
    told.textContent = said.dataset.unkept;
    return keepSoon(3 * KEEP_AFTER);
  }
  if (answer.status === 204) {
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    told.textContent = `${said.dataset.kept} ${time}.`;
  } else if (answer.status === 404) {
    told.textContent = said.dataset.gone;
  } else {
    isUnkept = true;
    if (await check()) keepSoon(); // a token of an older session: the new one is in the form now
  }
}

message?.addEventListener("input", () => keepSoon());

// --- The list -----------------------------------------------------------------------------------------------------

const list = document.querySelector("[data-renewed=list]");
const rowsOf = (place) => new Map([...place.querySelectorAll("[data-request]")].map((row) => [row.dataset.request, row]));
const marks = new Map(); // request -> words, until this page is left

function markFresh(before, after) {
  const came = [];
  for (const [request, row] of after) {
    const old = before.get(request);
    if (!old) came.push(row.querySelector(".inbox-reference").textContent);
    if (!old) marks.set(request, list.dataset.fresh);
    else if (old.dataset.version !== row.dataset.version) marks.set(request, list.dataset.changed);
    if (!marks.has(request)) continue;
    const mark = document.createElement("strong");
    mark.className = "inbox-flag is-news";
    mark.textContent = marks.get(request);
    row.querySelector(".inbox-reference").after(" ", mark);
  }
  if (came.length) say(`${list.dataset.said} ${came.join(", ")}`);
}

// Boxes that were ticked stay ticked where the request is as it was; the keyboard stays where it is.
function carryOver(before, after) {
  for (const [request, row] of before) {
    const now = after.get(request), isSame = now?.dataset.version === row.dataset.version;
    const [box, newBox] = [row, now].map((one) => one?.querySelector("[type=checkbox]"));
    if (isSame && box?.checked && newBox) newBox.checked = true;
    const at = row.contains(document.activeElement) && now?.querySelector(document.activeElement.tagName);
    if (at) setTimeout(() => at.focus({ preventScroll: true }));
  }
}

async function renew() {
  const counts = isActive;
  isActive = false;
  let answer;
  try {
    answer = await ask(location.href, { counts });
  } catch {
    return say(said.dataset.offline);
  }
  if (!answer.ok) return check({ counts });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = rowsOf(list), after = rowsOf(fresh);
  uncover();
  markFresh(before, after);
  carryOver(before, after);
  document.title = fresh.title;
  for (const place of document.querySelectorAll("[data-renewed]")) {
    const now = fresh.querySelector(`[data-renewed=${place.dataset.renewed}]`);
    if (now && !(place !== list && place.contains(document.activeElement))) place.replaceChildren(...now.childNodes);
  }
}

// --- Every now and then ---------------------------------------------------------------------------------------------

function tick() {
  if (dialog.open) return;
  if (list) return renew();
  check({ counts: isActive });
  isActive = false;
}

if (!list) check(); // who else reads it
setInterval(tick, TICK);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) keep({ isLeaving: true });
  else tick();
});
addEventListener("pagehide", () => {
  keep({ isLeaving: true });
  if (document.getElementById("reading")) {
    fetch(`${dialog.dataset.alive}?left`, { keepalive: true, headers: { Unattended: "1" } }).catch(() => {});
  }
});
