// µs a step of the module in node: forward, backward, Adam and the drawing of the batch, as
// 09_fast_training --bench measures them. node bench.mjs MODULE NAMES.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, names] = process.argv.slice(2);
if (!names) {
  console.error('usage: node bench.mjs build/release/wasm/09_trainer.wasm names.txt');
  process.exit(2);
}
const { Trainer } = await import(pathToFileURL(join(dirname(path), 'trainer.mjs')));
const rounds = 21, steps = 500;

const runs = [];
for (const merge of [false, true]) {
  const trainer = await Trainer.load(readFileSync(path));
  trainer.setNames(readFileSync(names));
  trainer.reset({ seed: 42, lr: 0.01, batch: 16, steps: 1e9, merge });
  trainer.step(3000);  // until the optimizing compiler has done its work
  runs.push({ trainer, name: merge ? 'wasm, merged' : 'wasm', us: [] });
}
for (let round = 0; round < rounds; ++round) {
  for (const { trainer, us } of runs) {
    const before = process.cpuUsage();
    trainer.step(steps);
    const { user, system } = process.cpuUsage(before);
    us.push((user + system) / steps);
  }
}
console.log('  width  engine              µs a step   (least – most)');
for (const { name, us } of runs) {
  us.sort((a, b) => a - b);
  console.log(`     16  ${name.padEnd(16)} ${us[rounds >> 1].toFixed(1).padStart(12)}   ` +
              `(${us[0].toFixed(1)} – ${us[rounds - 1].toFixed(1)})`);
}
console.log(`\nbatch 16; median of ${rounds} rounds in turn, processor time; node ${process.version}`);
