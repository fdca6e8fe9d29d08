// Proposals by keyboard: a accepts the one looked at (else the first), r refuses it, u undoes what
// was accepted last. Every key presses a button that is on the page.
const list = document.querySelector("[data-reconcile]");

function press(key) {
  if (key === "u") return document.querySelector("[data-undo]")?.requestSubmit();
  const row = document.activeElement?.closest("[data-row]") ?? list?.querySelector("[data-row]");
  row?.querySelector(key === "a" ? "[data-accept]" : "[data-refuse]")?.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches("input, textarea, select")) return;
  if (!["a", "r", "u"].includes(event.key)) return;
  event.preventDefault();
  press(event.key);
});
