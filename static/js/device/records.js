// Records: what is ticked is kept by cancer, in the words of the line; the letter asks for the rest.
{
  const list = document.querySelector("[data-records]");
  if (list) {
    const boxes = [...list.querySelectorAll(".to-tick input")];
    const asked = list.querySelectorAll(".records-letter li");
    const words = (box) => box.parentNode.textContent.trim();
    const kept = Kept.read("records", {});
    const had = Array.isArray(kept?.[list.dataset.records]) ? kept[list.dataset.records] : [];
    const show = () => boxes.forEach((box, at) => { asked[at].hidden = box.checked; });
    for (const box of boxes) box.checked = had.includes(words(box));
    list.addEventListener("change", () => {
      // A line that an editor has since changed stays kept, should it come back.
      const here = boxes.map(words);
      const gone = had.filter((one) => !here.includes(one));
      Kept.write("records", { ...kept, [list.dataset.records]: [...gone, ...boxes.filter((box) => box.checked).map(words)] });
      show();
    });
    show();
  }
}
