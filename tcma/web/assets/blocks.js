// The block view: words are saved as they are typed, parts may also be dragged. Every move has its
// button, so that nothing here is needed.
import { refresh } from "./refresh.js";

const form = document.getElementById("blocks");
const REST = 500;

function watch() {
  const label = document.getElementById("saved");
  let timer = 0;
  let running = false;
  let dirty = false;
  form.addEventListener("input", () => {
    label.textContent = "Not saved yet";
    label.dataset.state = "open";
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, REST);
  });
  form.addEventListener("submit", () => clearTimeout(timer));

  async function save() {
    if (running) {
      timer = setTimeout(save, REST);
      return;
    }
    running = true;
    await send();
    running = false;
  }

  async function send() {
    dirty = false;
    const sent = new FormData(form);
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const body = await answer.json();
      if (!answer.ok) {
        label.textContent = `Not saved: ${body.title}`;
        return;
      }
      form.elements.seen_words.value = body.seen_words;
      form.elements.seen_mail.value = body.seen_mail;
      if (!dirty) {
        label.textContent = "Saved";
        label.dataset.state = "saved";
      }
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
