// Stages 01, 02, 04 and 06 off the page's thread. The page asks for a slice of work at a time, so that
// it can stop after any of them.
import { serve } from '../calls.mjs';
import { fetchBytes, whereIs } from '../files.mjs';

let climb = null;

async function ready() {
  if (climb) return climb;
  const { Climb } = await import(whereIs('modules/climb.mjs'));
  const made = await Climb.load(await fetchBytes('modules/08_stages.wasm'));
  made.setNames(await fetchBytes('data/names.txt'));
  climb = made;
  return climb;
}

// So many steps that they take about this long.
const sliceMilliseconds = 80;
let perSlice = 20;

serve({
  async resetCount() {
    (await ready()).resetCount();
  },
  async count(names) {
    const climb = await ready();
    return { ...climb.count(names), made: climb.sample({ stage: 1, count: 6, seed: 42 }) };
  },
  async descend(options) {
    return (await ready()).descend(options);
  },
  async drawTable(table) {
    return (await ready()).sample({ stage: 2, count: 6, seed: 42, table });
  },
  async begin(options) {
    perSlice = 20;
    return (await ready()).begin(options);
  },
  async learn() {
    const climb = await ready();
    const before = performance.now();
    const losses = climb.learn(perSlice);
    const took = Math.max(1, performance.now() - before);
    perSlice = Math.max(1, Math.min(1024, Math.round(perSlice * Math.min(4, sliceMilliseconds / took))));
    return losses;
  },
  async draw(stage) {
    return (await ready()).sample({ stage, count: 6, seed: 42, temperature: 0.7 });
  },
  async nll() {
    return (await ready()).nll();
  },
});
