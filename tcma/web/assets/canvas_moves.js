// What is carried over the canvas: a kind from the palette, a step, or the end of a way. By pointer it is
// dragged; by key it is pressed first, and then the + where it shall stand.
const FAR = 6;
const EDGE = 36;

export function moves({ main, act, say, isDrawn }) {
  let held = null; // {kind} chosen for a line, or {place} chosen for a kind
  let drag = null;
  const canvas = () => main.querySelector("[data-canvas]");
  const find = (selector) => main.querySelector(selector);
  const every = (selector, act_) => main.querySelectorAll(selector).forEach(act_);

  function letGo() {
    if (drag) end();
    putBack();
  }

  function putBack() {
    if (!held) return;
    const back = held.from;
    held = null;
    delete canvas().dataset.holds;
    every(".is-held", (el) => el.classList.remove("is-held"));
    say("");
    if (back?.isConnected) back.focus();
  }

  function hold(what, el, words) {
    letGo();
    held = { ...what, from: el };
    canvas().dataset.holds = what.kind ? "kind" : "place";
    el.classList.add("is-held");
    say(words);
  }

  const add = (kind, place) => {
    held = null;
    return act("", { kind, place }, "a[data-step][aria-current]");
  };

  // A kind was pressed: true when there is nothing to send yet.
  function pressed(button, event) {
    if (!isDrawn() || !button) return false;
    if (held?.place) {
      add(button.value, held.place);
      return true;
    }
    const same = held?.from === button;
    letGo();
    if (same) return true;
    hold({ kind: button.value }, button, `Choose the + where “${button.textContent.trim()}” comes. Esc lets go.`);
    const current = find(".board .node[aria-current]")?.dataset.step;
    const first = (current && find(`.board .plus[data-place^="${CSS.escape(current)}/"]`)) || find(".board .plus");
    first?.focus({ focusVisible: true });
    return true;
  }

  // A + was pressed: what is held comes there, else the palette is asked what shall.
  function chosen(link) {
    if (held?.kind) return add(held.kind, link.dataset.place);
    hold({ place: link.dataset.place }, link, "Choose what comes here. Esc lets go.");
    find("#add .kind")?.focus({ focusVisible: true });
  }

  function begin() {
    putBack();
    drag.moved = true;
    canvas().dataset.drags = drag.what;
    drag.ghost = document.createElement("div");
    drag.ghost.className = "canvas-ghost";
    drag.ghost.textContent = drag.words;
    if (drag.what === "way") {
      drag.line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      drag.line.setAttribute("class", "rubber");
      find(".board").append(drag.line);
    } else {
      document.body.append(drag.ghost);
    }
    drag.el.classList.add("is-held");
  }

  const targetAt = (x, y) => {
    const over = document.elementsFromPoint(x, y).map((el) => (drag.what === "way" ? el.closest(".board .node") : el.closest(".board [data-place]")));
    return over.find((el) => el && isFit(el)) ?? null;
  };

  function isFit(el) {
    if (drag.what === "kind") return true;
    if (drag.what === "way") return el.dataset.step !== drag.step && el.dataset.step !== "";
    const line = find(`.board .line[data-place="${CSS.escape(el.dataset.place)}"]`);
    return line.dataset.from !== drag.step && line.dataset.to !== drag.step;
  }

  function over(event) {
    const { clientX: x, clientY: y } = event;
    drag.ghost.style.transform = `translate(${x + 12}px, ${y + 10}px)`;
    const target = targetAt(x, y);
    if (drag.line) {
      const svg = find(".board");
      const to = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
      drag.line.setAttribute("d", `M${drag.el.getAttribute("cx")} ${drag.el.getAttribute("cy")} L${to.x} ${to.y}`);
    }
    const place = target?.dataset.place;
    every(".is-over", (el) => el.classList.remove("is-over"));
    if (place) every(`.board [data-place="${CSS.escape(place)}"]`, (el) => el.classList.add("is-over"));
    else target?.classList.add("is-over");
    drag.target = target;
    const sheet = find("[data-sheet]");
    const box = sheet.getBoundingClientRect();
    if (x < box.left || x > box.right) return;
    const aside = (at, low, high) => (at < low + EDGE ? -12 : at > high - EDGE ? 12 : 0);
    sheet.scrollBy(aside(x, box.left, box.right), aside(y, box.top, box.bottom));
  }

  function end() {
    drag.ghost?.remove();
    drag.line?.remove();
    every(".is-over, .is-held", (el) => el.classList.remove("is-over", "is-held"));
    if (canvas()) delete canvas().dataset.drags;
    document.removeEventListener("pointermove", move);
    const done = drag;
    drag = null;
    return done;
  }

  function move(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    event.preventDefault();
    if (!drag.moved) begin();
    over(event);
  }

  function drop(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { moved, what, target, kind, step, way } = end();
    if (!moved) return;
    // The click that follows a drag is none.
    const stop = (click) => (click.preventDefault(), click.stopPropagation());
    document.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stop, { capture: true }));
    if (event.type === "pointercancel" || !target) return;
    if (what === "kind") add(kind, target.dataset.place);
    else if (what === "step") act(`${step}/place`, { place: target.dataset.place, step }, `a[data-step="${CSS.escape(step)}"]`);
    else act(`${step}/way`, { way, to: target.dataset.step, step }, `a[data-step="${CSS.escape(step)}"]`);
  }

  main.addEventListener("dragstart", (event) => event.target.closest?.(".board, .kind") && event.preventDefault());
  main.addEventListener("pointerdown", (event) => {
    if (event.button || !isDrawn() || drag) return;
    const el = event.target.closest(".palette .kind, .board a.node, .board .knob");
    if (!el) return;
    const at = { el, x: event.clientX, y: event.clientY, pointer: event.pointerId };
    if (el.matches(".kind")) drag = { ...at, what: "kind", kind: el.value, words: el.textContent.trim() };
    else if (el.matches(".knob")) drag = { ...at, what: "way", step: el.dataset.from, way: el.dataset.way, words: "" };
    else drag = { ...at, what: "step", step: el.dataset.step, words: el.querySelector(".name").textContent };
    if (event.pointerType === "touch") el.releasePointerCapture?.(event.pointerId);
    document.addEventListener("pointermove", move, { passive: false });
  });
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);

  return { pressed, chosen, letGo };
}
