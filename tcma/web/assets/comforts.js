// Dialogs, file drops, undo tips, previews that grow, forms that are sent once.
const every = (root, selector, act) => root.querySelectorAll(selector).forEach(act);
const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  });

on("click", "[data-opens]", (el) => document.getElementById(el.dataset.opens)?.showModal());
on("click", "[data-closes]", (el) => el.closest("dialog")?.close());
on("click", "dialog", (el, event) => event.target === el && el.close());
// Copies what stands beside the button; where a browser forbids it, the text is marked to be copied.
on("click", "[data-copy]", async (el) => {
  const text = document.getElementById(el.dataset.copy) ?? el.parentElement.querySelector("code");
  const label = el.querySelector("span");
  try {
    await navigator.clipboard.writeText(text.textContent);
    const said = el.dataset.said ?? (el.dataset.said = label.textContent);
    label.textContent = el.dataset.copied ?? said;
    setTimeout(() => (label.textContent = said), 2000);
  } catch {
    getSelection().selectAllChildren(text);
  }
});
every(document, "[data-copy], [data-prints]", (el) => (el.hidden = false));
on("click", "[data-prints]", () => print());
// On a phone the tab one is on may stand beyond the edge of its strip.
every(document, ".assets a[aria-current]", (tab) => {
  const strip = tab.closest(".assets");
  strip.scrollLeft += tab.getBoundingClientRect().left - strip.getBoundingClientRect().left - 48;
});
on("change", "[data-submits]", (el) => el.closest("form")?.requestSubmit());
on("input", "[data-pairs]", (el) => {
  const twin = document.getElementById(el.dataset.pairs);
  twin.value = el.value;
  twin.dispatchEvent(new Event("input", { bubbles: true }));
});
on("change", "[data-drop] input", (el) => {
  const names = [...el.files].map((file) => file.name).join(", ");
  if (names) el.closest("[data-drop]").querySelector("[data-drop-words]").textContent = names;
});
for (const type of ["dragover", "dragleave", "drop"]) {
  on(type, "[data-drop]", (el, event) => {
    event.preventDefault();
    el.classList.toggle("is-over", type === "dragover");
    if (type !== "drop") return;
    const field = el.querySelector("input");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
on("submit", "form[data-once]", (form, event) => {
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
  const spinner = document.createElement("span");
  spinner.className = "busy";
  spinner.ariaHidden = "true";
  event.submitter?.prepend(spinner);
});
window.addEventListener("pageshow", () => {
  every(document, "form[aria-busy]", (form) => {
    form.ariaBusy = null;
    form.querySelector(".busy")?.remove();
  });
});
document.addEventListener("click", (event) => {
  every(document, "details.menu[open]", (el) => el.contains(event.target) || (el.open = false));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  every(document, "details.menu[open]", (el) => {
    el.open = false;
    el.querySelector("summary").focus();
  });
});

function leave(tip) {
  let left = Number(tip.dataset.leaves);
  const tick = setInterval(() => {
    if (tip.matches(":hover, :focus-within")) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(tick);
    tip.remove();
  }, 1000);
}

const fieldOf = (name) => {
  const all = [...document.getElementsByName(name)];
  return all.find((el) => el.checked) ?? all[0];
};

// A framed text of one's own in a preview leads to its field, and the field shows its frame.
function tie(frame) {
  const page = frame.contentDocument;
  page?.addEventListener("click", (event) => {
    const own = event.target.closest("[data-slot]");
    if (!own) return;
    event.preventDefault();
    document.querySelector('[name="view"][value="edit"]')?.click();
    const field = fieldOf(own.dataset.slot);
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  });
}
on("focusin", "#words [name]", (el) => {
  every(document, "iframe[data-grows]", (frame) =>
    every(frame.contentDocument, "[data-slot]", (own) =>
      own.toggleAttribute("data-here", own.dataset.slot === el.name),
    ),
  );
});

function grow(frame) {
  const fit = () => {
    const page = frame.contentDocument?.documentElement;
    if (page) frame.height = Math.max(320, page.offsetHeight);
  };
  frame.addEventListener("load", () => {
    fit();
    tie(frame);
  });
  tie(frame);
  new ResizeObserver(fit).observe(frame);
  fit();
}

function settle(root) {
  every(root, "[data-leaves]:not([data-seen])", (el) => {
    el.dataset.seen = "";
    leave(el);
  });
  every(root, "iframe[data-grows]:not([data-seen])", (el) => {
    el.dataset.seen = "";
    grow(el);
  });
  root.querySelector("[data-summary]")?.focus();
}

document.addEventListener("DOMContentLoaded", () => settle(document));
document.addEventListener("htmx:after:swap", () => {
  settle(document);
  if (document.activeElement === document.body) document.querySelector("[data-focus]")?.focus();
});
const offline = () => every(document, "[data-offline]", (el) => (el.hidden = navigator.onLine));
window.addEventListener("offline", offline);
window.addEventListener("online", offline);
