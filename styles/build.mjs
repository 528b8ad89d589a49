// Compile the two style sheets and copy the fonts, pictures and licence notices that they name into assets/.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const uswds = join(here, "node_modules/@uswds/uswds");
const assets = join(here, "../assets");

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

function copyNamedFiles(css) {
  const named = new Set([...css.matchAll(/url\(["']?([^"')]+)["']?\)/g)].map((match) => match[1]));
  for (const path of named) {
    const from = path.startsWith("fonts/") ? join("fonts/source-sans-pro", basename(path)) : path;
    mkdirSync(dirname(join(assets, path)), { recursive: true });
    cpSync(join(uswds, "dist", from), join(assets, path));
    console.log(`  ${path}`);
  }
}

for (const folder of ["fonts", "img"]) rmSync(join(assets, folder), { recursive: true, force: true });
const css = ["uswds", "site"].map(compile).join("\n");
copyNamedFiles(css);
mkdirSync(join(assets, "LICENSES"), { recursive: true });
cpSync(join(uswds, "LICENSE.md"), join(assets, "LICENSES/USWDS.md"));
