"""What an exported page runs: a form that waits in the browser while the product is away, and the
question whether the offer still stands.
"""

from typing import Final

SCRIPT: Final = """// Sends the form of this page. While nobody answers, it is kept in this browser and sent later, once.
(() => {
  const page = document.currentScript.dataset;
  const box = "tcma:" + page.to;
  const form = document.querySelector("form[method=post]");
  const old = 30 * 24 * 3600 * 1000;
  const kept = () => {
    try { return JSON.parse(localStorage.getItem(box)) || []; } catch { return []; }
  };
  const keep = (all) => {
    try { localStorage.setItem(box, JSON.stringify(all)); return true; } catch { return false; }
  };
  const drop = (one) => keep(kept().filter((each) => each.id !== one.id));
  const send = async (one) => {
    try {
      const answer = await fetch(page.to, {
        method: "POST",
        body: new URLSearchParams(one.body),
        signal: AbortSignal.timeout(10000),
      });
      if (answer.ok) return "sent";
      return answer.status >= 500 || answer.status === 429 ? "later" : "refused";
    } catch { return "later"; }
  };
  let busy = false;
  const again = async () => {
    if (busy) return;
    busy = true;
    for (const one of kept()) {
      if ((await send(one)) !== "later" || Date.now() - one.at > old) drop(one);
    }
    busy = false;
  };
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !form.reportValidity()) return;
    busy = true;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    form.elements.number.value ||= [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
    const body = new URLSearchParams(new FormData(form)).toString();
    const one = { id: form.elements.number.value, body, at: Date.now() };
    const safe = keep([...kept().filter((each) => each.id !== one.id), one]);
    const became = await send(one);
    busy = false;
    if (became !== "later") drop(one);
    if (became === "sent") location.assign("thanks.html");
    else if (became === "refused" || !safe) form.submit();
    else location.assign("kept.html");
  });
  again();
  addEventListener("online", again);
  setInterval(again, 60000);
  fetch(page.state, { cache: "no-store" })
    .then((answer) => { if (answer.status === 410) location.replace("ended.html"); })
    .catch(() => {});
})();
"""

WORDS: Final = {
    "en": {
        "kept": "Your request is kept",
        "kept_text": "We cannot be reached at this moment. Your request is kept in this browser and is "
        "sent by itself as soon as we can. Leave this page open, or come back to it.",
        "ended": "This offer has ended",
        "ended_text": "{partner} no longer offers what stood here. Your earlier request, if you sent "
        "one, is still answered.",
    },
    "de": {
        "kept": "Ihre Anfrage ist aufgehoben",
        "kept_text": "Wir sind gerade nicht erreichbar. Ihre Anfrage liegt in diesem Browser und wird "
        "von selbst gesendet, sobald es geht. Lassen Sie diese Seite offen, oder kommen Sie wieder.",
        "ended": "Dieses Angebot ist beendet",
        "ended_text": "{partner} bietet nicht mehr an, was hier stand. Eine Anfrage, die Sie schon "
        "geschickt haben, wird noch beantwortet.",
    },
    "fr": {
        "kept": "Votre demande est conservée",
        "kept_text": "Nous ne sommes pas joignables pour le moment. Votre demande est conservée dans ce "
        "navigateur et partira d’elle-même dès que possible. Laissez cette page ouverte ou revenez-y.",
        "ended": "Cette offre est terminée",
        "ended_text": "{partner} ne propose plus ce qui se trouvait ici. Une demande déjà envoyée "
        "recevra tout de même sa réponse.",
    },
    "ar": {
        "kept": "طلبك محفوظ",
        "kept_text": "لا يمكن الوصول إلينا الآن. طلبك محفوظ في هذا المتصفح وسيُرسَل تلقائيًا حالما "
        "يصبح ذلك ممكنًا. اترك هذه الصفحة مفتوحة أو عُد إليها لاحقًا.",
        "ended": "انتهى هذا العرض",
        "ended_text": "لم تعد {partner} تقدّم ما كان هنا. أما الطلب الذي أرسلته من قبل فسيُجاب عنه.",
    },
}
"""What the two pages beside an exported one say; a language without its own speaks English."""
