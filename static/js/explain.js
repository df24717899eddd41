// A source or a glossary word is explained in place. Without this file, or if anything goes wrong, both are links.
{
  const note = document.getElementById("note");
  if (note?.showPopover) {
    document.addEventListener("click", async (event) => {
      const mark = event.target.closest('main a.cite, main a[href*="/glossary/#"]');
      if (!mark || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      try {
        await (await import(note.dataset.script)).default(mark);
      } catch {
        location.assign(mark.href);
      }
    });
  }
}
