// The list of sections marks the one being read; as a sheet it closes when somebody has chosen.
{
  const links = new Map();
  for (const link of document.querySelectorAll('.on-this-page a[href^="#"]')) links.set(link.hash.slice(1), link);
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const line = innerHeight / 3;
    const reading = sections.filter((section) => section.getBoundingClientRect().top < line).pop();
    for (const [id, link] of links) {
      if (reading?.id === id) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  if (sections.length) {
    const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    sections.forEach((section) => watcher.observe(section));
  }
  const sheet = document.getElementById("on-this-page");
  sheet?.addEventListener("click", (event) => {
    if (event.target.closest("a") && sheet.matches(":popover-open")) sheet.hidePopover();
  });
}
