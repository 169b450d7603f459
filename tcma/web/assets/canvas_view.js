// How large the canvas is shown and which part of it: the sheet scrolls, so wheel, touch and keys do as ever.
const STEP = 1.2;
const [LEAST, MOST] = [0.35, 1.6];
let scale = 0;

const parts = (main) => {
  const sheet = main.querySelector("[data-sheet]");
  return { sheet, svg: sheet?.querySelector("svg") };
};

function fitting({ sheet, svg }) {
  const { width, height } = svg.viewBox.baseVal;
  const room = getComputedStyle(sheet);
  const pad = parseFloat(room.paddingLeft) * 2;
  return Math.min((sheet.clientWidth - pad) / width, (sheet.clientHeight - pad) / height, 1);
}

function show({ sheet, svg }, wanted, at) {
  const { width, height } = svg.viewBox.baseVal;
  const before = scale || 1;
  scale = Math.min(MOST, Math.max(LEAST, wanted));
  const by = scale / before;
  const [x, y] = at ?? [sheet.clientWidth / 2, sheet.clientHeight / 2];
  const [left, top] = [(sheet.scrollLeft + x) * by - x, (sheet.scrollTop + y) * by - y];
  svg.style.width = `${width * scale}px`;
  svg.style.height = `${height * scale}px`;
  sheet.scrollTo(left, top);
}

function pans({ sheet }) {
  sheet.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button || event.target.closest("a, .knob")) return;
    event.preventDefault();
    let [x, y] = [event.clientX, event.clientY];
    sheet.setPointerCapture(event.pointerId);
    sheet.classList.add("is-panned");
    const move = (now) => {
      sheet.scrollBy(x - now.clientX, y - now.clientY);
      [x, y] = [now.clientX, now.clientY];
    };
    const done = () => {
      sheet.classList.remove("is-panned");
      sheet.removeEventListener("pointermove", move);
    };
    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("lostpointercapture", done, { once: true });
  });
}

function zooms(main, { sheet }) {
  sheet.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = sheet.getBoundingClientRect();
      show(parts(main), scale * Math.exp(-event.deltaY / 300), [event.clientX - box.x, event.clientY - box.y]);
    },
    { passive: false },
  );
  let apart = 0;
  const spread = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  sheet.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2) return (apart = 0);
    event.preventDefault();
    const now = spread(event.touches);
    if (apart) show(parts(main), (scale * now) / apart);
    apart = now;
  }, { passive: false });
}

export const view = {
  kept(main) {
    const { sheet } = parts(main);
    return sheet && [sheet.scrollLeft, sheet.scrollTop];
  },
  zoom(main, by) {
    const here = parts(main);
    show(here, by ? scale * STEP ** by : fitting(here));
  },
  ready(main, scrolled) {
    const here = parts(main);
    if (!here.svg || !here.sheet.clientWidth) return;
    const zoomed = main.querySelector("[data-zooms]");
    zoomed.hidden = false;
    zoomed.addEventListener("click", (event) => {
      const by = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (by) view.zoom(main, Number(by));
    });
    pans(here);
    zooms(main, here);
    if (!scrolled) scale = Math.max(fitting(here), 0.75);
    show(here, scale);
    if (scrolled) here.sheet.scrollTo(...scrolled);
    else here.svg.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  },
};
