// Single keys (UX 4.7): never in fields, off with data-keys="off" on the body.
const typing = (el) => el.closest("input, textarea, select, [contenteditable], dialog[open]");
let going = 0;

function rowLink(step) {
  const links = [...document.querySelectorAll("[data-row]")];
  const at = links.indexOf(document.activeElement);
  return links[Math.min(Math.max(at + step, 0), links.length - 1)];
}

function press(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  target.focus();
  if (target.matches("a, input")) target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const off = document.body.dataset.keys === "off";
  if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const { key } = event;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return;
  }
  if (key === "g") {
    going = Date.now();
  } else if (key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (key === "/") {
    const field = document.querySelector("main input[type=search]");
    event.preventDefault();
    if (field) field.focus();
    else press("/");
  } else if ("jkaerp".includes(key) && !press(key)) {
    if (key === "j" || key === "k") rowLink(key === "j" ? 1 : -1)?.focus();
  }
});
