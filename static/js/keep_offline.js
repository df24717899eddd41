// Kept for offline: off until somebody taps. What does it is fetched then, or where something is kept already.
{
  const place = document.querySelector("[data-offline]");
  const worker = navigator.serviceWorker;
  if (place && worker) {
    const load = (event) => {
      const script = document.createElement("script");
      script.src = place.dataset.script;
      if (event) script.dataset.tapped = "";
      document.head.append(script);
    };
    place.hidden = false;
    if (worker.controller) load();
    else place.querySelector("button").addEventListener("click", load, { once: true });
  }
}
