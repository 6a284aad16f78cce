// Draws the charts: render_charts.mjs SPEC STAMP. Vega-Lite to SVG, without a browser.
// LADDER_NODE names the folder into which the packages of package.json were installed.
import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(path.resolve(process.env.LADDER_NODE ?? "."), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));

// Mid-tones, to be read on white and on black; the colours of Okabe and Ito, which colour-blind
// readers can tell apart, the first two a little nearer to the middle.
const tone = "#787878";
const config = {
  background: "transparent",
  font: "Helvetica, Arial, sans-serif",
  view: { stroke: "transparent" },
  range: { category: ["#2F86C0", "#C88400", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"] },
  title: { color: tone, fontSize: 14, anchor: "start", fontWeight: "normal" },
  axis: {
    labelColor: tone, titleColor: tone, domainColor: tone, tickColor: tone, gridColor: tone,
    gridOpacity: 0.25, labelLimit: 300, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
  },
  legend: { labelColor: tone, titleColor: tone, labelFontSize: 12, titleFontSize: 12,
    titleFontWeight: "normal", orient: "top", labelLimit: 400,
    symbolStrokeWidth: 0 },
  text: { color: tone, fontSize: 12 },
  rule: { color: tone },
};

const [specPath, stamp] = process.argv.slice(2);
const vegaLite = await load("vega-lite");
const vega = await load("vega");
const spec = JSON.parse(await readFile(specPath, "utf8"));

// The data goes into the specification, so that nothing is loaded while drawing.
async function inline(part) {
  if (Array.isArray(part)) return Promise.all(part.map(inline));
  if (part === null || typeof part !== "object") return part;
  if (part.url) {
    const { url, format, ...rest } = part;
    let values = JSON.parse(await readFile(path.resolve(path.dirname(specPath), url), "utf8"));
    for (const key of (format?.property ?? "").split(".").filter(Boolean)) values = values[key];
    return { ...rest, values };
  }
  const entries = await Promise.all(
    Object.entries(part).map(async ([key, value]) => [key, await inline(value)]));
  return Object.fromEntries(entries);
}

const compiled = vegaLite.compile(await inline(spec), { config }).spec;
const view = new vega.View(vega.parse(compiled), { renderer: "none" });
const svg = await view.toSVG();
const out = specPath.replace(/\.vl\.json$/, ".svg");
await writeFile(out, svg.replace(/(<svg[^>]*>)/, `$1<!-- made from ${stamp} -->`) + "\n");
