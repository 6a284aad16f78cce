// Tokens a second of the module in node: node bench.mjs MODULE WEIGHTS [--json]. Five runs of each
// engine, in turn; processor time, so that what other processes take does not count.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, weights, json] = process.argv.slice(2);
if (!weights || (json !== undefined && json !== '--json')) {
  console.error('usage: node bench.mjs build/release/wasm/08_engine.wasm common/data/microgpt.safetensors [--json]');
  process.exit(2);
}
const { load_engine } = await import(pathToFileURL(join(dirname(path), 'engine.mjs')));
const engine = await load_engine(readFileSync(path), readFileSync(weights));
const runs = 5, tokens = 1000000;
const ideas = {
  one: 'tables, one stream', streams: 'tables, 12 streams', int8: 'tables, 32 streams, the MLP in int8',
  loops: 'no tables, one stream, plain loops: as the published module',
};
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const speeds = Object.fromEntries(engine.kinds.map((kind) => [kind, []]));
for (const kind of engine.kinds) engine.bench({ kind, tokens });
// The optimizing compiler has a thread of its own, whose time counts: it is done by now.
await new Promise((done) => setTimeout(done, 500));
for (let run = 0; run < runs; ++run) {
  for (const kind of engine.kinds) speeds[kind].push(engine.bench({ kind, tokens, clock }).tokens_per_second);
}
const rows = engine.kinds.map((kind) => {
  const all = speeds[kind], mean = all.reduce((sum, speed) => sum + speed, 0) / runs;
  return { engine: kind, idea: ideas[kind], tokens_per_second: Math.round(mean),
           spread: (Math.max(...all) - Math.min(...all)) / mean, runs: all.map(Math.round) };
});
if (json) {
  console.log(JSON.stringify({ node: process.version, runs, rows }));
} else {
  console.log('  engine       tokens/s  spread  x loops');
  for (const { engine: kind, idea, tokens_per_second: speed, spread } of rows) {
    const ratio = speed / rows.at(-1).tokens_per_second;
    console.log(`  ${kind.padEnd(8)} ${speed.toLocaleString('en').padStart(12)} ` +
                `${(100 * spread).toFixed(0).padStart(6)}% ${ratio.toFixed(2).padStart(8)}`);
    console.log(`           ${idea}`);
  }
  console.log(`\nmean of ${runs} runs in turn, processor time; node ${process.version}`);
}
