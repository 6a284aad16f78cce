// Benchmark: how fast the engine writes in this browser, beside what others and the native programs reach.
import { button, make } from '../elements.mjs';
import { fetchJson } from '../files.mjs';

const titles = { one: 'one name at a time', streams: 'many names at once', int8: 'many names, 8-bit weights' };
const twins = { one: ['fp32', 1], streams: ['fp32', 48], int8: ['int8', 32] };

// Whose they are: the same model and kind of weights, written by somebody else.
const published = [
  { title: 'NaklitechIe/micro-gpt, its WebAssembly demo: one name, Chrome, Apple M4 Pro; published', rate: 1341206 },
  { title: 'NaklitechIe/micro-gpt, the same module in node, a Xeon with AVX-512; measured for this project', rate: 890000 },
  { title: 'TALOS-V2, an FPGA; published', rate: 53000 },
];

const million = (rate) => (rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} million` : Math.round(rate).toLocaleString('en'));

/// The fastest native row, on one thread, of the kind: the engine of one name or of many, by precision.
export function nativeRate(native, kind) {
  const [precision, streams] = twins[kind];
  const rates = native.rows.filter((row) => row.threads === 1 && row.precision === precision &&
    (streams === 1) === (row.streams === 1)).map((row) => row.tokens_per_second);
  return rates.length > 0 ? Math.max(...rates) : null;
}

function row({ title, rate, spread }, most, own) {
  return make('tr', { class: own ? 'own' : null },
    make('th', { scope: 'row' }, title),
    make('td', { class: 'number' }, million(rate)),
    make('td', { class: 'number' }, spread === undefined ? '' : `±${(50 * spread).toFixed(1)}%`),
    make('td', { class: 'meter', 'aria-hidden': 'true' }, make('span', { class: 'bar', style: `width: ${100 * rate / most}%` })));
}

function resultTable(results, native) {
  const own = results.map(({ kind, mean, spread }) => ({ title: `This browser: ${titles[kind] ?? kind}`, rate: mean, spread }));
  const { processor, instructions, compiler } = native.machine;
  const others = Object.keys(titles).map((kind) => ({ title: `Native program: ${titles[kind]}; ${processor}, ${instructions}, one core, ${compiler}`, rate: nativeRate(native, kind) }))
    .filter(({ rate }) => rate);
  const all = [...own, ...others, ...published];
  const most = Math.max(...all.map(({ rate }) => rate));
  return make('table', { class: 'results' },
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'who'), make('th', { scope: 'col', class: 'number' }, 'tokens a second'),
      make('th', { scope: 'col', class: 'number' }, 'spread'), make('td', {}))),
    make('tbody', {}, own.map((one) => row(one, most, true)), [...others, ...published].map((one) => row(one, most, false))));
}

async function copy(text, shown, announce) {
  shown.value = text;
  shown.hidden = false;
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied.');
  } catch {  // not allowed here: the text is there to be copied by hand
    shown.select();
    announce('Copy the selected text.');
  }
}

/// The tab; see main.mjs for what the context holds.
export async function mount(section, { measuring, prose, announce }) {
  const native = await fetchJson('data/native.json');
  const { kinds, relaxed } = await measuring.call('kinds');
  const wanted = Object.keys(titles).filter((kind) => kinds.includes(kind));
  const place = make('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Results' });
  const status = make('p', { class: 'note', role: 'status' });
  const json = make('textarea', { readonly: true, rows: 8, 'aria-label': 'The results as JSON', hidden: true });
  let results = null;
  const report = () => JSON.stringify({
    engine: `microgpt ladder, ${relaxed ? '08_engine_relaxed.wasm' : '08_engine.wasm'}`, relaxed_simd: relaxed, browser: navigator.userAgent,
    date: new Date().toISOString(), unit: 'tokens/s', rows: results, native,
  }, null, 1);
  const copyButton = button('Copy as JSON', () => copy(report(), json, announce), { disabled: true });
  const go = button('Measure', async () => {
    go.disabled = true;
    try {
      results = await measuring.call('measure', wanted);
      place.replaceChildren(resultTable(results, native));
      copyButton.disabled = false;
      status.textContent = `Five runs of each, in turn. The spread is from the slowest to the fastest, around the mean. ${relaxed ? 'With' : 'Without'} relaxed SIMD.`;
    } catch (error) {
      status.textContent = `It could not be measured: ${error.message}.`;
    }
    go.disabled = false;
  }, { class: 'main' });
  measuring.on('measured', ({ kind, run, runs }) => { status.textContent = `Measuring: ${titles[kind]}, run ${run} of ${runs} …`; });
  section.append(make('h2', {}, 'Benchmark'),
    prose('A {token} is a letter, or the end of a name. How many can this browser write in a second? The {engine} is a {WebAssembly} module, made from the same C++ as the native programs. Close what else is busy: it measures this computer as it is now.'),
    make('div', { class: 'card' }, make('div', { class: 'row' }, go, copyButton), status, place, json));
}
