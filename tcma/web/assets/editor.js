// The studio's editor, loaded only there: CodeMirror over the text field, saved as it is typed, the
// findings of the real pipeline at their lines, the real preview beside it. Without script the
// field and its Save button do the same.
import { basicSetup } from "codemirror";
import { autocompletion } from "@codemirror/autocomplete";
import { StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { html } from "@codemirror/lang-html";
import { jinja } from "@codemirror/lang-jinja";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { completer } from "./completion.js";
import { refresh } from "./refresh.js";
import "./blocks.js";

const REST = 400;

function language(path) {
  if (path.endsWith(".toml")) return StreamLanguage.define(toml);
  return jinja({ base: html({ matchClosingTags: false }) });
}

function icon(name, words) {
  const sprite = document.querySelector("use").getAttribute("href").split("#")[0];
  return `<svg class="i" role="img" aria-label="${words}"><use href="${sprite}#${name}"/></svg>`;
}

function start(form) {
  const field = form.elements.text;
  const path = form.elements.path.value;
  const label = document.getElementById("saved");
  const changed = document.getElementById("changed");
  const saidList = document.getElementById("said");
  let hints = JSON.parse(form.dataset.hints);
  let timer = 0;
  let running = null;
  let dirty = false;

  const view = new EditorView({
    state: EditorState.create({
      doc: field.value,
      extensions: [
        EditorView.cspNonce.of(form.dataset.nonce),
        basicSetup,
        EditorView.lineWrapping,
        syntaxHighlighting(classHighlighter),
        language(path),
        lintGutter(),
        autocompletion({ override: [completer(() => hints, path)] }),
        EditorView.contentAttributes.of({ "aria-label": path, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && typed()),
      ],
    }),
  });
  field.hidden = true;
  form.querySelector("label").hidden = true;
  form.querySelector(".no-script").hidden = true;
  field.after(view.dom);
  form.dataset.ready = "";
  show(JSON.parse(form.dataset.findings || "[]"));
  goTo();

  function goTo() {
    const line = Number(form.dataset.line);
    const at = form.dataset.anchor ? view.state.doc.toString().indexOf(form.dataset.anchor) : -1;
    const place = line && line <= view.state.doc.lines ? view.state.doc.line(line).from : at;
    if (place < 0 || (!line && at < 0)) return;
    view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "start" }) });
    if (line) view.focus();
  }

  function typed() {
    dirty = true;
    label.textContent = "Not saved yet";
    label.dataset.state = "open";
    clearTimeout(timer);
    timer = setTimeout(save, REST);
  }

  async function save() {
    clearTimeout(timer);
    if (running) {
      await running;
      if (!dirty) return;
    }
    if (!changed.hidden) return;
    running = send();
    await running;
    running = null;
  }

  async function send() {
    dirty = false;
    const sent = new FormData(form);
    sent.set("text", view.state.doc.toString());
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const body = await answer.json();
      if (answer.status === 409) return meet(body);
      if (!answer.ok) return refuse(`${body.title} ${body.detail || ""}`);
      form.elements.seen.value = body.seen;
      hints = body.hints;
      if (!dirty) label.dataset.state = "saved";
      if (!dirty) label.innerHTML = `${icon("check", "Done")}Saved ${new Date().toLocaleTimeString(document.documentElement.lang || [], { hour: "2-digit", minute: "2-digit" })}`;
      show(body.findings);
      if (body.shows) refresh();
    } catch {
      refuse("the server does not answer; it is tried again.");
      timer = setTimeout(save, 3000);
    }
  }

  function refuse(words) {
    dirty = true;
    label.textContent = `Not saved: ${words}`;
    label.dataset.state = "open";
  }

  function meet(body) {
    dirty = true;
    label.textContent = "Not saved";
    label.dataset.state = "open";
    changed.querySelector("[data-title]").textContent = body.title;
    changed.querySelector("[data-detail]").textContent = body.detail;
    changed.querySelector("[data-theirs]").textContent = body.theirs;
    changed.hidden = false;
    changed.focus();
    changed.querySelector("[data-take]").onclick = () => settle(body, body.theirs);
    changed.querySelector("[data-mine]").onclick = () => settle(body, null);
  }

  function settle(body, text) {
    form.elements.seen.value = body.seen;
    changed.hidden = true;
    if (text !== null) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    view.focus();
    save();
  }

  function show(findings) {
    const here = findings.filter((one) => one.file === path && one.line && one.line <= view.state.doc.lines);
    const marks = here.map((one) => {
      const line = view.state.doc.line(one.line);
      const from = Math.min(line.to, line.from + Math.max(0, one.column - 1));
      return { from, to: line.to, severity: one.severity, message: [one.message, one.remedy].filter(Boolean).join(" — ") };
    });
    view.dispatch(setDiagnostics(view.state, marks.sort((a, b) => a.from - b.from)));
    saidList.replaceChildren(findings.length ? listed(findings) : fine());
  }

  function fine() {
    const words = document.createElement("p");
    words.className = "muted";
    words.textContent = "Nothing is wrong in what is open. «Check» looks at everything.";
    return words;
  }

  function listed(findings) {
    const list = document.createElement("ul");
    list.className = "said";
    for (const one of findings) {
      const item = document.createElement("li");
      const stops = one.severity === "error";
      item.dataset.tone = stops ? "stop" : "need";
      item.innerHTML = icon(stops ? "ban" : "alert-triangle", stops ? "Stops" : "Look");
      const words = document.createElement("span");
      if (one.line || one.file !== path) words.append(link(one), " ");
      words.append([one.message, one.remedy && `${one.remedy[0].toUpperCase()}${one.remedy.slice(1)}${/[.?!]$/.test(one.remedy) ? "" : "."}`].filter(Boolean).join(" "));
      item.append(words);
      list.append(item);
    }
    return list;
  }

  function link(one) {
    const anchor = document.createElement("a");
    const address = new URL(location.href);
    address.searchParams.set("file", one.file);
    address.searchParams.set("line", one.line);
    anchor.href = address;
    anchor.className = "mono";
    anchor.textContent = one.line ? `${one.file}:${one.line}` : one.file;
    return anchor;
  }

  // What leaves the page first waits for the save.
  document.querySelectorAll("form[data-flushes]").forEach((other) =>
    other.addEventListener("submit", async (event) => {
      if (!dirty && !running) return;
      event.preventDefault();
      await save();
      if (changed.hidden) other.submit();
    }),
  );
  addEventListener("beforeunload", (event) => (dirty || running) && event.preventDefault());
}

const writing = document.getElementById("writing");
if (writing) start(writing);
