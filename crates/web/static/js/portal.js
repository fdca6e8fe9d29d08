// A button beside each payment datum that copies it; without it, one touch selects it.
const { copy, copied } = document.querySelector("#copy").dataset;
if (navigator.clipboard) {
  for (const text of document.querySelectorAll(".copied")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = copy;
    button.setAttribute("aria-label", `${copy}: ${text.textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = copied;
    });
    text.after(button);
  }
}
