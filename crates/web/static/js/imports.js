// Shows how far an import is, as the server tells it; the page without this is loaded again.
const box = document.querySelector("[data-events]");
if (box) {
  const events = new EventSource(box.dataset.events);
  events.addEventListener("message", (event) => {
    const { done, text } = JSON.parse(event.data);
    box.querySelector("progress").value = done;
    box.querySelector("[data-text]").textContent = text;
  });
  events.addEventListener("end", () => {
    events.close();
    location.replace(location.pathname);
  });
}
