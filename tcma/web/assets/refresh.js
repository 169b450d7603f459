let coming = null;

// The new document is made ready out of sight, then takes the old one's place: nothing flashes.
export function refresh() {
  const shown = document.querySelector("iframe.mailframe:not(.is-coming)");
  if (!shown) return;
  coming?.remove();
  coming = shown.cloneNode();
  coming.classList.add("is-coming");
  coming.addEventListener("load", function ready() {
    this.height = Math.max(320, this.contentDocument?.documentElement.offsetHeight || 0);
    this.classList.remove("is-coming");
    shown.remove();
    coming = null;
    this.removeEventListener("load", ready);
  });
  shown.after(coming);
}

