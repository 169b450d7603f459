// node peer_sharp.mjs FOLDER: art.jpg and logo.png of FOLDER as one 1200 x 628 banner, by sharp.
// The ground is decoded and fitted once and kept as raw pixels; text and button are drawn by SVG.
// Prints milliseconds of processor time a picture, one line a number read from standard input.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join } from "node:path";

const folder = process.argv[2];
const sharp = createRequire(join(folder, "node_modules", "_"))("sharp");
sharp.concurrency(1);
sharp.cache(false);

const [width, height] = [1200, 628];
const logo = readFileSync(join(folder, "logo.png"));
const ground = await sharp(join(folder, "art.jpg")).resize(width, height).removeAlpha().raw().toBuffer();
const words = ["Thirty-one in a hundred", "of your servers", "need not move at all"];
const lines = words.map((line, at) => `<text x="64" y="${240 + 62 * at}" font-size="58" font-weight="600"`
  + ` font-family="sans-serif" fill="#10282d">${line}</text>`);
const overlay = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`
  + lines.join("") + `<rect x="64" y="502" width="330" height="62" rx="31" fill="#ad3614"/>`
  + `<text x="96" y="541" font-size="22" font-family="sans-serif" fill="#fff">Get the list in ten minutes</text></svg>`);

async function picture() {
  const small = await sharp(logo).resize({ height: 46 }).toBuffer();
  const layers = [{ input: overlay, left: 0, top: 0 }, { input: small, left: 64, top: 52 }];
  const canvas = sharp(ground, { raw: { width, height, channels: 3 } });
  return canvas.composite(layers).jpeg({ quality: 88 }).toBuffer();
}

await picture();
for await (const asked of createInterface({ input: process.stdin })) {
  const times = Number(asked), begun = process.cpuUsage();
  for (let n = 0; n < times; n += 1) await picture();
  const took = process.cpuUsage(begun);
  console.log((took.user + took.system) / 1000 / times);
}
