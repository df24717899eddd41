// What the hours and closed days on the screen promise, while they are typed. Without this file: those that are saved.

const shown = document.getElementById("promises");
const form = shown.closest("form");
const NAMES = ["working_hours", "closed_days", "reply_working_days", "holidays"];
let waiting;

async function show() {
  const typed = [...new FormData(form)].filter(([name]) => NAMES.includes(name));
  const answer = await fetch(`${shown.dataset.address}?${new URLSearchParams(typed)}`);
  if (answer.ok && !answer.redirected) shown.innerHTML = await answer.text();
}

form.addEventListener("input", (event) => {
  if (!NAMES.includes(event.target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(show, 400);
});
if (document.querySelector(".staff-errors")) show();
