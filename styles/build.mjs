// Compile the style sheets, and bring the fonts, pictures and licence notices that they name into assets/.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fontverter from "fontverter";
import * as sass from "sass";
import subsetFont from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const uswds = join(here, "node_modules/@uswds/uswds");
const assets = join(here, "../assets");

// What English and Spanish are written with, all of Latin-1 (a name may hold any of it) and the signs that our pages use.
const letters = [[0x20, 0x7e], [0xa0, 0xff]]
  .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)))
  .concat([..."–—‘’“”…−≤→›"])
  .join("");

function compile(name) {
  const { css } = sass.compile(join(here, `${name}.scss`), {
    style: "compressed",
    loadPaths: [here, join(uswds, "packages")],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  const notice = name === "uswds" ? `/*! USWDS ${version()}, parts in use. Notices: LICENSES */\n` : "";
  const sheet = `${notice}${css.trim()}\n`;
  const packed = gzipSync(sheet, { level: 9 });
  writeFileSync(join(assets, `${name}.css`), sheet);
  writeFileSync(join(assets, `${name}.css.gz`), packed); // What WhiteNoise sends to browsers that can read it.
  console.log(`${name}.css ${sheet.length} bytes, ${packed.length} gzipped`);
  return css;
}

function version() {
  return JSON.parse(readFileSync(join(uswds, "package.json"), "utf8")).version;
}

async function lessOf(font) {
  const weight = basename(font, ".woff2").replace("text-", "");
  const whole = readFileSync(join(uswds, `dist/fonts/source-sans-pro/sourcesanspro-${weight}-webfont.woff2`));
  const less = await subsetFont(whole, letters, { targetFormat: "truetype", keepFeatures: ["kern"] });
  return fontverter.convert(renamed(less), "woff2");
}

// The licence lets a changed font go by another name alone. Each is as long as the one before, so that nothing moves.
function renamed(font) {
  const names = { "Source Sans Pro": "Estimator Sans ", SourceSansPro: "EstimatorSans" };
  const inUtf16 = (name) => Buffer.from(name, "utf16le").swap16().toString("latin1");
  let bytes = font.toString("latin1");
  for (const [theirs, ours] of Object.entries(names)) {
    bytes = bytes.replaceAll(theirs, ours).replaceAll(inUtf16(theirs), inUtf16(ours));
  }
  return Buffer.from(bytes, "latin1");
}

async function bringNamedFiles(css) {
  const named = new Set([...css.matchAll(/url\(["']?([^"')]+)["']?\)/g)].map((match) => match[1]));
  for (const path of named) {
    mkdirSync(dirname(join(assets, path)), { recursive: true });
    if (path.startsWith("fonts/")) writeFileSync(join(assets, path), await lessOf(path));
    else cpSync(join(uswds, "dist", path), join(assets, path));
    console.log(`  ${path}, ${statSync(join(assets, path)).size} bytes`);
  }
}

for (const folder of ["fonts", "img"]) rmSync(join(assets, folder), { recursive: true, force: true });
const css = ["uswds", "site", "staff"].map(compile).join("\n");
await bringNamedFiles(css);
mkdirSync(join(assets, "LICENSES"), { recursive: true });
cpSync(join(uswds, "LICENSE.md"), join(assets, "LICENSES/USWDS.md"));
