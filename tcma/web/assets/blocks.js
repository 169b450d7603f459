// The block view: words are saved as they are typed, parts may also be dragged. Every move has its
// button, so that nothing here is needed.
import { refresh } from "./refresh.js";

const form = document.getElementById("blocks");
const REST = 500;

function watch() {
  const label = document.getElementById("saved");
  let timer = 0;
  form.addEventListener("input", () => {
    label.textContent = "Not saved yet";
    clearTimeout(timer);
    timer = setTimeout(save, REST);
  });
  form.addEventListener("submit", () => clearTimeout(timer));

  async function save() {
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      const body = await answer.json();
      if (!answer.ok) {
        label.textContent = `Not saved: ${body.title}`;
        return;
      }
      form.elements.seen_words.value = body.seen_words;
      form.elements.seen_mail.value = body.seen_mail;
      label.textContent = "Saved";
      document.getElementById("said").textContent = body.findings.map((one) => one.text).join(" ");
      if (body.shows) refresh();
    } catch {
      label.textContent = "Not saved: the server does not answer.";
    }
  }
}

function drags() {
  let held = null;
  form.querySelectorAll("[data-grip]").forEach((grip) => {
    const block = grip.closest("[data-place]");
    grip.addEventListener("pointerdown", () => (block.draggable = true));
    block.addEventListener("dragstart", (event) => {
      held = block;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", block.dataset.place);
    });
    block.addEventListener("dragend", () => (block.draggable = false));
    block.addEventListener("dragover", (event) => held && event.preventDefault());
    block.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!held || held === block) return;
      const act = document.createElement("input");
      act.type = "hidden";
      act.name = "act";
      act.value = `move-${held.dataset.place}-${block.dataset.place}`;
      form.append(act);
      form.submit();
    });
  });
}

if (form) {
  watch();
  drags();
}
