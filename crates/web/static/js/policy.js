// The editor of a policy: says what is wrong while one writes, and leads to its line.
const area = document.querySelector("textarea[data-check]");
const findings = document.getElementById("findings");
const csrf = document.querySelector("input[name=csrf]");
let timer = 0;
let asked = 0;

async function check() {
  const mine = ++asked;
  const body = new URLSearchParams({ text: area.value, csrf: csrf ? csrf.value : "" });
  try {
    const answer = await fetch(area.dataset.check, { method: "POST", body, headers: { "x-part": "1" } });
    if (answer.ok && mine === asked) findings.innerHTML = await answer.text();
  } catch {
    // Without an answer the button still checks.
  }
}

if (area && findings) {
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, 500);
  });
  findings.addEventListener("click", (event) => {
    const line = Number(event.target.dataset?.line);
    if (!line) return;
    event.preventDefault();
    const before = area.value.split("\n").slice(0, line - 1).join("\n").length;
    const start = line > 1 ? before + 1 : 0;
    const end = area.value.indexOf("\n", start);
    area.focus();
    area.setSelectionRange(start, end < 0 ? area.value.length : end);
    area.scrollTop = (area.scrollHeight / area.value.split("\n").length) * Math.max(0, line - 4);
  });
}
