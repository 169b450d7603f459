// The pipeline: a card is dragged to another stage, or moved by Shift and an arrow key. Its buttons do
// the same, so that nothing here is needed.
const stages = [...document.querySelectorAll(".board [data-stage]")];
let held = null;

function moved(card, stage) {
  const from = card.closest("[data-stage]");
  if (!stage || stage === from) return;
  const form = card.querySelector("[data-move]");
  const chosen = document.createElement("input");
  chosen.type = "hidden";
  chosen.name = "stage";
  chosen.value = stage.dataset.stage;
  form.append(chosen);
  form.submit();
}

document.querySelectorAll("[data-card]").forEach((card) => {
  card.addEventListener("dragstart", (event) => {
    held = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector("a").id);
    card.classList.add("is-held");
  });
  card.addEventListener("dragend", () => {
    held = null;
    card.classList.remove("is-held");
    stages.forEach((stage) => stage.classList.remove("is-over"));
  });
  card.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !event.shiftKey) return;
    event.preventDefault();
    const turned = document.dir === "rtl" && event.key.match(/Left|Right/) ? -step : step;
    moved(card, stages[stages.indexOf(card.closest("[data-stage]")) + turned]);
  });
});
stages.forEach((stage) => {
  stage.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    stages.forEach((each) => each.classList.toggle("is-over", each === stage));
  });
  stage.addEventListener("drop", (event) => {
    event.preventDefault();
    if (held) moved(held, stage);
  });
});
