// Keeps what is typed into a form of the library, offers it when its writer comes back, and asks before it is left.

(() => {
  const QUIET = 3000; // milliseconds after the last key
  const LATEST = 15000; // at the latest, while somebody goes on typing
  const NOT_TEXT = new Set(["csrfmiddlewaretoken", "kept_form", "stamp"]);

  const state = document.getElementById("unsaved-state");
  const known = JSON.parse(document.getElementById("unsaved").textContent);
  const form = state.closest("form");
  const words = state.dataset;
  const part = (name) => state.querySelector(name);
  let before = ""; // what the form held when it was opened
  let kept = "";
  let leaving = false;
  let quiet = 0;
  let latest = 0;

  function typed() {
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (!NOT_TEXT.has(name) && typeof value === "string") (values[name] ??= []).push(value.replace(/\r\n?/g, "\n"));
    }
    return values;
  }

  const now = () => JSON.stringify(typed());
  const isChanged = () => now() !== before;

  function say(text) {
    part(".unsaved-kept").textContent = text;
  }

  function showOthers(others) {
    const line = part(".unsaved-others");
    line.textContent = others.map(({ name, since }) => words.other.replace("%s", name).replace("%t", since)).join(" ");
    line.hidden = !others.length;
  }

  function body(values) {
    const sent = new FormData();
    const token = form.elements.csrfmiddlewaretoken.value;
    for (const [name, value] of Object.entries({ ...values, form: known.form, csrfmiddlewaretoken: token })) sent.append(name, value);
    return sent;
  }

  // "kept", "signed out" or "failed". A sign-in page answers by sending elsewhere, or by refusing the old token.
  async function keep() {
    clearTimeout(quiet);
    clearTimeout(latest);
    latest = 0;
    const text = now();
    let answer;
    try {
      answer = await fetch(words.keep, { method: "POST", redirect: "manual", body: body({ stamp: known.stamp, typed: text }) });
    } catch {
      say(words.failed);
      return "failed";
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) return "signed out";
    if (!answer.ok) {
      say(words.failed);
      return "failed";
    }
    const { at, others } = await answer.json();
    kept = text;
    say(words.kept.replace("%s", at));
    showOthers(others);
    return "kept";
  }

  async function keepOrAsk() {
    if ((await keep()) === "signed out") await signInAgain();
  }

  function noteTyping() {
    if (!isChanged()) return;
    clearTimeout(quiet);
    quiet = setTimeout(keepOrAsk, QUIET);
    latest ||= setTimeout(keepOrAsk, LATEST);
  }

  // Who signed in anew has a new token; any page for staff holds it.
  async function freshToken() {
    const page = await fetch(words.signedIn, { redirect: "manual" }).catch(() => ({ ok: false }));
    if (!page.ok) return false;
    const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = found.value; });
    return true;
  }

  // Settled once the text is kept again, or put off.
  function signInAgain() {
    const dialog = part("dialog");
    if (dialog.open) return Promise.resolve();
    if (window.frameElement) window.frameElement.style.display = ""; // the toolbar hides it once a form is sent
    dialog.showModal();
    return new Promise((done) => {
      const look = setInterval(async () => {
        if ((await freshToken()) && (await keep()) === "kept") dialog.close();
      }, 1500);
      dialog.addEventListener("close", () => {
        clearInterval(look);
        done();
      }, { once: true });
      dialog.querySelector("[data-act=later]").onclick = () => dialog.close();
      dialog.querySelector("[data-act=sign-in]").onclick = () => window.open(words.signIn, "sign-in", "width=560,height=760");
    });
  }

  // --- Bring back

  function addRows(values) {
    for (const [name, [total]] of Object.entries(values)) {
      const prefix = name.match(/^(.+)-TOTAL_FORMS$/)?.[1];
      const more = prefix && document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
      for (let i = 0; more && form.elements[name].value < Number(total) && i < 50; i += 1) more.click();
    }
  }

  function fill(typedThen) {
    addRows(typedThen);
    for (const field of form.elements) {
      if (!field.name || NOT_TEXT.has(field.name) || field.type === "file" || /_FORMS$/.test(field.name)) continue;
      const values = typedThen[field.name] ?? [];
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.tagName === "SELECT") for (const option of field.options) option.selected = values.includes(option.value);
      else if (values.length) field.value = values[0];
      for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
    }
  }

  function goOnWith(name) {
    known.form = name;
    form.elements.kept_form.value = name;
  }

  function differs(typedThen) {
    const present = typed();
    return Object.entries(typedThen).some(([name, values]) =>
      !/_FORMS$/.test(name) && JSON.stringify(values) !== JSON.stringify(present[name] ?? []));
  }

  // Until it is decided on, what is kept is not written over: this form is kept beside it.
  function offer() {
    const cameBack = document.querySelector(".staff-errors"); // with mistakes: it holds what was typed
    const open = cameBack ? [] : known.offers.filter((one) => differs(one.typed));
    if (cameBack?.dataset.keptForm) goOnWith(cameBack.dataset.keptForm);
    else if (open.length || known.form.includes(":new:")) goOnWith(`${known.form}#${Date.now()}`);
    for (const one of open) {
      const box = [...state.querySelectorAll(".unsaved-offer")].find((each) => each.dataset.form === one.form);
      const own = known.form;
      const decide = (act) => () => {
        box.hidden = true;
        act();
      };
      box.hidden = false;
      box.querySelector("[data-act=restore]").onclick = decide(() => {
        goOnWith(one.form);
        fill(one.typed);
      });
      box.querySelector("[data-act=forget]").onclick = decide(async () => {
        const sent = body({});
        sent.set("form", one.form);
        await fetch(words.forget, { method: "POST", body: sent });
        if (known.form === one.form) goOnWith(own);
      });
    }
  }

  // --- Leaving

  // A form is sent once what is in it is kept: whoever was signed out meanwhile signs in first.
  form.addEventListener("submit", async (event) => {
    if (leaving || !isChanged()) {
      leaving = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    if ((await keep()) === "signed out") {
      await signInAgain();
      if (kept !== now()) return;
    }
    leaving = true;
    if (submitter) form.requestSubmit(submitter);
    else form.submit();
    setTimeout(() => { leaving = false; }, 5000); // an answer that never came
  }, { capture: true });

  window.addEventListener("beforeunload", (event) => {
    if (leaving || !isChanged()) return;
    event.preventDefault();
    keep();
  });

  window.addEventListener("pagehide", () => {
    if (!leaving && isChanged() && now() !== kept) navigator.sendBeacon(words.keep, body({ stamp: known.stamp, typed: now() }));
  });

  // The toolbar's window closes by X, Esc and Cancel without asking the page in it.
  function guardTheWindow() {
    const helpers = window.parent !== window && window.parent.CMS?.API?.Helpers;
    if (!helpers) return;
    const ask = (event) => {
      if (leaving || !isChanged()) return;
      if (window.confirm(words.leave)) leaving = true;
      else event.preventDefault();
    };
    helpers.addEventListener("modal-close", ask);
    window.addEventListener("pagehide", () => helpers.removeEventListener("modal-close", ask));
  }

  function begin() {
    before = document.querySelector(".staff-errors") ? "" : now();
    offer();
    showOthers(known.others);
    guardTheWindow();
    form.addEventListener("input", noteTyping);
    form.addEventListener("change", noteTyping);
  }

  // Widgets of the admin fill their fields first.
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();
