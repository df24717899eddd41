// The link of a letter carries its word behind the #: into its field, and out of the address, which others may see.
{
  const code = document.getElementById("id_code");
  if (code && location.hash) {
    code.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
}

// Reference and code of a request: copied, saved or shared by whoever they belong to. Nothing is kept or sent by us.
{
  const key = document.querySelector("[data-key]");
  const ways = {
    copy: async (button) => {
      await navigator.clipboard.writeText(key.dataset.key);
      button.textContent = button.dataset.done;
    },
    save: () => {
      const url = URL.createObjectURL(new Blob([key.dataset.key], { type: "text/plain" }));
      Object.assign(document.createElement("a"), { href: url, download: key.dataset.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    },
    share: () => navigator.share({ text: key.dataset.key }),
  };
  for (const button of key?.querySelectorAll("[data-key-do]") ?? []) {
    const way = button.dataset.keyDo;
    button.hidden = (way === "share" && !navigator.share) || (way === "copy" && !navigator.clipboard);
    // The reader may close the sheet, and a browser may forbid it: the words stand on the page.
    button.addEventListener("click", () => Promise.resolve(ways[way](button)).catch(() => {}));
  }
}
