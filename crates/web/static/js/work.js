// The work list by keyboard: j and k move, Enter opens (a link's own doing), d is done, s is later,
// ? tells the keys. Every key presses a button or follows a link that is on the page.
const list = document.querySelector("[data-work]");
const rows = list ? [...list.querySelectorAll("[data-row]")] : [];
let at = -1;

function go(to) {
  if (rows.length === 0) return;
  rows[at]?.classList.remove("here");
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows[at].classList.add("here");
  rows[at].querySelector("[data-open]").focus();
}

function press(what) {
  const form = rows[at]?.querySelector(`[data-${what}]`);
  if (form) form.requestSubmit();
}

list?.addEventListener("focusin", (event) => {
  const row = rows.indexOf(event.target.closest("[data-row]"));
  if (row < 0 || row === at) return;
  rows[at]?.classList.remove("here");
  at = row;
  rows[at].classList.add("here");
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && "ds".includes(event.key)) return;
  if (event.target.matches("input, textarea, select")) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "d") press("done");
  else if (event.key === "s") press("later");
  else if (event.key === "?") document.getElementById("keys").toggleAttribute("open");
  else return;
  event.preventDefault();
});

// After one is done the page comes back, and the next one is first.
if (new URLSearchParams(location.search).has("done")) go(0);
