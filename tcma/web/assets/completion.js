// What the editor offers while somebody types: tokens, slots, words, brand values, MJML. The lists
// come from the server, which knows the campaign.
const listed = (names, type, detail) =>
  (Array.isArray(names) ? names : Object.keys(names)).map((name) => ({
    label: name,
    type,
    detail: Array.isArray(names) ? detail : String(names[name]),
  }));

function members(hints, object) {
  if (object === "parts")
    return Object.entries(hints.parts).map(([label, apply]) => ({ label, apply, type: "function", detail: "part" }));
  const kinds = { slots: "property", c: "text", t: "text", f: "text" };
  return listed(hints[object] ?? [], kinds[object] ?? "property", object);
}

function inCode(context) {
  const before = context.state.sliceDoc(Math.max(0, context.pos - 400), context.pos);
  return Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%")) > Math.max(before.lastIndexOf("}}"), before.lastIndexOf("%}"));
}

export function completer(hints, path) {
  return (context) => {
    const known = hints();
    const token = context.matchBefore(/\[\[\w*/);
    if (token)
      return {
        from: token.from + 2,
        options: Object.entries(known.tokens).map(([name, detail]) => ({
          label: name,
          detail,
          type: "variable",
          apply: name.endsWith("_url") ? `${name}]]` : `${name}|…]]`,
        })),
      };
    if (path.endsWith(".toml")) {
      const name = context.matchBefore(/\{\w*/);
      const names = ["partner", "vendor", "product", "person", "phone", "reply_within", ...Object.keys(known.slots)];
      return name && { from: name.from + 1, options: names.map((label) => ({ label, apply: `${label}}`, type: "variable" })) };
    }
    const member = context.matchBefore(/\b(slots|partner|vendor|look|images|parts|c|t|f)\.[\w.]*/);
    if (member) {
      const [object] = member.text.split(".");
      return { from: member.from + object.length + 1, options: members(known, object), validFor: /^[\w.]*$/ };
    }
    const tag = context.matchBefore(/<\/?[\w-]*/);
    if (tag && !inCode(context))
      return { from: tag.from + (tag.text[1] === "/" ? 2 : 1), options: listed(Object.keys(known.tags), "type", "MJML"), validFor: /^[\w-]*$/ };
    const word = context.matchBefore(/\w+/);
    if (!inCode(context) || (!word && !context.explicit)) return null;
    const from = word ? word.from : context.pos;
    if (/\|\s*$/.test(context.state.sliceDoc(Math.max(0, from - 3), from)))
      return { from, options: listed(known.filters, "function", "filter") };
    const objects = ["slots", "partner", "vendor", "look", "images", "parts", "c", "t", "f"];
    return { from, options: [...listed(objects, "namespace", ""), ...listed(known.names, "variable", "")] };
  };
}
