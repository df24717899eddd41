// Foldable menus: open where there is room (older browsers cannot do it in CSS), closed by Escape where not.
for (const [selector, room] of [[".main-menu", "(width >= 48rem)"], [".on-this-page > details", "(width >= 64rem)"]]) {
  const menu = document.querySelector(selector);
  if (!menu) continue;
  const wide = matchMedia(room);
  const fit = () => { menu.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || wide.matches || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) menu.open = false;
  });
}
// Groups of approved uses: open where there is room for their lines.
if (matchMedia("(width >= 64rem)").matches) for (const group of document.querySelectorAll("details.wide-open")) group.open = true;
