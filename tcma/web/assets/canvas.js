// The journey's canvas. The server draws it and holds the one model: every act here is a form of the
// page, sent by fetch, and what comes back takes the page's place. Without this script the forms remain.
import { moves } from "./canvas_moves.js";
import { view } from "./canvas_view.js";

const main = document.getElementById("main");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const board = () => main.querySelector("[data-canvas]");
const isDrawn = () => Boolean(main.querySelector("[data-sheet]")?.offsetWidth);
const typing = (el) => el.closest("input, textarea, select, [contenteditable], dialog[open]");
const typed = new Set();
let unsaved = null;
let queue = Promise.resolve();

const spots = () =>
  new Map(
    [...main.querySelectorAll(".board .node")].map((node) => {
      const box = node.querySelector("rect");
      return [node.dataset.step, [box.x.baseVal.value, box.y.baseVal.value]];
    }),
  );

function glide(before) {
  if (still.matches) return;
  const shown = { duration: 160, easing: "ease-out" };
  for (const [name, [x, y]] of spots()) {
    const node = main.querySelector(`.board .node[data-step="${CSS.escape(name)}"]`);
    const was = before.get(name);
    const from = was ? `translate(${was[0] - x}px, ${was[1] - y}px)` : "scale(.9)";
    if (was && was[0] === x && was[1] === y) continue;
    node.animate([{ transform: from, opacity: was ? 1 : 0 }, {}], { ...shown, duration: 240 });
  }
  main.querySelectorAll(".board .line:not(.is-walked), .board .plus, .board .knob").forEach((el) => el.animate([{ opacity: 0 }, {}], shown));
}

// The way that a person went lights up step by step.
function walk() {
  if (still.matches) return;
  main.querySelectorAll(".board .line.is-walked .way, .board .when").forEach((el) => {
    const node = el.closest("[data-to], [data-step]");
    const nth = [...main.querySelectorAll(".board .node.is-walked")].findIndex((one) => one.dataset.step === (node.dataset.to ?? node.dataset.step));
    el.animate([{ opacity: 0 }, {}], { duration: 260, delay: Math.max(nth, 0) * 140, fill: "backwards" });
  });
}

function say(words, tone = "") {
  const said = main.querySelector("[data-said]");
  if (!said) return;
  said.textContent = words;
  said.dataset.tone = tone;
}

// A selector by which what has the focus is found again in the next page.
function mark(el) {
  const names = ["data-step", "data-place", "formaction", "id", "value"];
  const name = el && main.contains(el) && el !== main && names.find((each) => el.hasAttribute(each));
  return name ? `${el.localName}[${name}="${CSS.escape(el.getAttribute(name))}"]` : "";
}

function take(fresh, status, focus) {
  const before = spots();
  const scrolled = view.kept(main);
  const said = main.querySelector("[data-said]");
  const words = [...fresh.querySelectorAll(":scope > .banner")].map((el) => (el.remove(), el.textContent.trim()));
  const refused = fresh.querySelector("[data-summary]");
  if (refused && status === 409) {
    words.push(refused.querySelector("li").textContent);
    refused.remove();
  }
  words.push(fresh.querySelector("[data-said]")?.textContent ?? "");
  main.replaceChildren(...fresh.childNodes);
  main.querySelector("[data-said]")?.replaceWith(said);
  ready(scrolled);
  say(words.join(" ").trim(), status === 409 ? "stop" : "");
  glide(before);
  walk();
  const held = (focus && main.querySelector(focus)) || (focus.startsWith("a[data-step") && main.querySelector(".board [aria-current]"));
  if (refused?.isConnected) refused.focus();
  else if (held) {
    held.focus({ preventScroll: true });
    if (held.matches(".node")) held.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

// What is typed while a form is under way goes on in the next page's form of the same step.
function carried(fresh, open) {
  const form = [...fresh.querySelectorAll("[data-step-form]")].find((each) => each.action === open.action);
  for (const field of form ? typed : []) {
    const like = (of) => [...of.elements].filter((each) => each.name === field.name);
    const next = like(form)[like(open).indexOf(field)];
    if (next) next.value = field.value;
    if (next && "checked" in field) next.checked = field.checked;
  }
  return form ?? null;
}

// The same where the next page shows another step: saved upon what that page has seen; null when its step is gone.
function late(fresh, open) {
  const step = open.elements.step.value;
  if (!fresh.querySelector(`.board [data-step="${CSS.escape(step)}"]`)) return null;
  const sent = new FormData(open);
  sent.set("seen", fresh.querySelector("#acts").elements.seen.value);
  return sent;
}

async function ask(address, options = {}, focus = mark(document.activeElement)) {
  const open = unsaved;
  if (options.method) typed.clear();
  board()?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!options.method && unsaved !== open) {
      then(() => ask(address, options, focus)); // never awaited: it waits for this very act
      return false;
    }
    if (!page.querySelector("#main [data-step-form], #main [data-source]")) {
      location.assign(answer.url);
      return false;
    }
    const fresh = page.getElementById("main");
    const writing = options.method && typed.size ? unsaved : null;
    unsaved = writing && carried(fresh, writing);
    const rest = writing && !unsaved ? late(fresh, writing) : null;
    take(fresh, answer.status, writing ? mark(document.activeElement) : focus);
    if (answer.ok) history.replaceState(null, "", answer.url);
    if (rest && (await post(writing.action, rest)) && answer.ok) await ask(answer.url);
    return answer.ok;
  } catch {
    say("The server does not answer. Nothing was changed.", "stop");
    return false;
  } finally {
    board()?.removeAttribute("aria-busy");
  }
}

const post = (address, body, focus) => ask(address, { method: "POST", body }, focus);

// One after the other, and first what was typed but not saved: nothing is lost by the next act.
function then(go, own) {
  const done = queue.then(async () => {
    while (unsaved?.isConnected && unsaved.action !== own?.action) {
      if (!(await post(unsaved.action, new FormData(unsaved)))) return;
    }
    await go();
  });
  queue = done.catch(() => {});
  return done;
}

function act(path, fields = {}, focus) {
  return then(() => {
    const sent = new FormData(document.getElementById("acts"));
    for (const [name, value] of Object.entries(fields)) sent.set(name, value);
    return post(path.startsWith("/") ? path : board().dataset.steps + (path && `/${path}`), sent, focus);
  });
}

const press = (how) => main.querySelector(`[form="acts"][formaction$="/${how}"]`)?.click();
const kinds = moves({ main, act, say, isDrawn });

function ready(scrolled) {
  board()?.classList.add("is-live");
  view.ready(main, scrolled);
}

main.addEventListener("input", (event) => {
  const form = event.target.closest("[data-step-form]");
  if (!form) return;
  unsaved = form;
  typed.add(event.target);
});

main.addEventListener("submit", (event) => {
  const form = event.target;
  const { submitter } = event;
  const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.pathname;
  if (!form.closest("[data-canvas]")) return;
  event.preventDefault();
  const again = () => [...main.querySelectorAll("[data-step-form]")].find((each) => each.action === form.action);
  const sent = () => (form.isConnected || !again() ? new FormData(form, submitter) : new FormData(again()));
  if (form.id === "add" && kinds.pressed(submitter, event)) return;
  if (form.method === "get") {
    then(async () => {
      await ask(`${location.pathname}?${new URLSearchParams(sent())}`);
      if (!isDrawn()) document.getElementById("run")?.scrollIntoView();
    });
  } else {
    then(() => post(address, form.id === "acts" || form.id === "add" ? fresh(sent()) : sent()), form);
  }
});

function fresh(sent) {
  sent.set("seen", document.getElementById("acts").elements.seen.value);
  return sent;
}

main.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !link.closest("[data-canvas]") && unsaved?.isConnected && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    then(() => location.assign(link.href));
  }
  if (!link?.closest("[data-canvas]") || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const address = new URL(link.getAttribute("href"), location);
  if (address.pathname !== location.pathname.replace(/\/steps.*/, "") || !address.search) return;
  event.preventDefault();
  if (isDrawn() && link.matches(".plus")) return kinds.chosen(link, event);
  then(async () => {
    await ask(address.href, {}, mark(link));
    if (!isDrawn()) document.getElementById(address.hash.slice(1))?.scrollIntoView();
  });
});

const TURNS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function nextNode(node, [dx, dy]) {
  const middle = (el) => {
    const box = el.querySelector("rect").getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(node);
  const far = (el) => {
    const [ox, oy] = middle(el);
    const along = (ox - x) * dx + (oy - y) * dy;
    return along > 4 ? along + 2 * Math.abs((ox - x) * dy + (oy - y) * dx) : Infinity;
  };
  const best = [...main.querySelectorAll(".board a.node")].sort((one, other) => far(one) - far(other))[0];
  return best && far(best) < Infinity ? best : null;
}

document.addEventListener("keydown", (event) => {
  if (!board() || typing(event.target)) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && (key === "z" || key === "y")) {
    event.preventDefault();
    return press(key === "y" || event.shiftKey ? "redo" : "undo");
  }
  if (event.key === "Escape") return kinds.letGo();
  const node = event.target.closest(".board a.node");
  if (!event.target.closest(".board, .sheet")) return;
  const { step } = node?.dataset ?? {};
  if (node && (key === "delete" || key === "backspace")) {
    event.preventDefault();
    act(`${step}/removal`, { step });
  } else if (node && command && key === "d") {
    event.preventDefault();
    act(`${step}/copy`, { step }, "a[data-step][aria-current]");
  } else if (!command && node && TURNS[event.key]) {
    event.preventDefault();
    nextNode(node, TURNS[event.key])?.focus();
  } else if (!command && ["+", "-", "0"].includes(key)) {
    event.preventDefault();
    view.zoom(main, { "+": 1, "-": -1, 0: 0 }[key]);
  }
});

if (board()) {
  ready();
  walk();
}
