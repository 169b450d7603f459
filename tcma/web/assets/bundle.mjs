// One node process: purge Tabler, put our layer behind it, minify, bundle the script.
// Reads a JSON plan on stdin {css: [{entry, out, content, alone}], js: [{entry, out}], tabler}.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PurgeCSS } from "purgecss";
import { transform, bundle } from "lightningcss";
import { build } from "esbuild";

const plan = JSON.parse(readFileSync(0, "utf8"));
const targets = { chrome: 123 << 16, firefox: 120 << 16, safari: (17 << 16) | (5 << 8) };
const safelist = { standard: [/^htmx-/, /^is-/, /^was-/], greedy: [] };

async function purged(raw, content) {
  const [result] = await new PurgeCSS().purge({ css: [{ raw }], content, safelist, variables: true });
  return result.css;
}

for (const { entry, out, content, alone } of plan.css) {
  let own = bundle({ filename: entry, minify: false, targets }).code.toString();
  const tabler = alone ? "" : await purged(readFileSync(plan.tabler, "utf8"), content);
  if (alone) own = await purged(own, content);
  const code = Buffer.from(`${tabler}\n${own}`);
  writeFileSync(out, transform({ filename: out, code, minify: true, targets, errorRecovery: true }).code);
}

await build({
  entryPoints: plan.js.map(({ entry, out }) => ({ in: entry, out: out.replace(/\.js$/, "") })),
  outdir: dirname(plan.js[0].out),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  nodePaths: [join(process.cwd(), "node_modules")],
  legalComments: "none",
  logLevel: "error",
});
