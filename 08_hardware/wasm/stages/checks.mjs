// What the tests ask of the module, in node: checks.mjs FOLDER COMMAND [FILE…], where FOLDER has
// 08_stages.wasm with its .mjs. Prints one JSON object.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, command, ...files] = process.argv.slice(2);
const from = (file) => import(pathToFileURL(join(folder, file)));
const { Inside } = await from('inside.mjs');
const { Climb } = await from('climb.mjs');
const module = new WebAssembly.Module(readFileSync(join(folder, '08_stages.wasm')));

function messageOf(body) {
  try {
    body();
  } catch (error) {
    return error.message;
  }
  return '';
}

async function insideOf(weights) {
  const inside = await Inside.load(module);
  inside.setWeights(readFileSync(weights));
  return inside;
}

async function climbOf(names) {
  const climb = await Climb.load(module);
  climb.setNames(readFileSync(names));
  return climb;
}

const list = (numbers) => Array.from(numbers);  // JSON has no −∞: a score that is not there is null

const commands = {
  async look(weights, ...names) {
    const inside = await insideOf(weights);
    return names.map((name) => {
      const { loss, looks } = inside.look(name);
      return {
        loss,
        looks: [...looks.values()].map((look) => ({ ...look, value: list(look.value), gradient: list(look.gradient) })),
        tensors: inside.tensors().map(({ name: tensor, value, gradient }) => ({ name: tensor, value: list(value), gradient: list(gradient) })),
      };
    });
  },

  /// What it says of weights and names that it cannot use; and it goes on.
  async refuse(weights, ...bad) {
    const inside = await insideOf(weights);
    const before = inside.look('emma').loss;
    const messages = bad.map((file) => messageOf(() => inside.setWeights(readFileSync(file))));
    messages.push(...['Emma', 'zoë', 'a'.repeat(16), 'a b'].map((name) => messageOf(() => inside.look(name))));
    return { messages, before, after: inside.look('emma').loss, empty: inside.look('').loss };
  },

  /// Stage 01 in parts, and stage 02.
  async tables(names, lr, steps) {
    const climb = await climbOf(names);
    let counted = climb.count(1);
    const first = counted.names;
    while (counted.names < counted.of) counted = climb.count(7000);
    const descent = climb.descend({ lr: Number(lr), steps: Number(steps) });
    return { first, ...counted, table: list(counted.table), made: climb.sample({ stage: 1, count: 10 }),
             losses: list(descent.losses), optimum: descent.optimum, diverged: descent.diverged,
             steps: descent.steps, last: list(descent.tables.at(-1)),
             learned: climb.sample({ stage: 2, count: 10 }), begun: climb.sample({ stage: 2, count: 3, table: 0 }) };
  },

  /// A stage that learns: losses, NLL and names.
  async learn(names, stage, steps) {
    const climb = await climbOf(names);
    const parameters = climb.begin({ stage: Number(stage), seed: 42, steps: Number(steps) });
    const losses = [];
    for (let more = climb.learn(7); more.length > 0; more = climb.learn(2000)) losses.push(...more);
    return { parameters, losses, nll: climb.nll(), made: climb.sample({ stage: Number(stage), count: 10 }) };
  },

  /// What it says when it is asked too early, or for what there is not; and memory after many runs.
  async bounds(names) {
    const empty = await Climb.load(module);
    const climb = await climbOf(names);
    const messages = [
      () => empty.count(1), () => empty.begin({ stage: 4, steps: 10 }), () => climb.learn(1), () => climb.nll(),
      () => climb.sample({ stage: 6 }), () => climb.sample({ stage: 2 }), () => climb.begin({ stage: 5, steps: 10 }),
      () => climb.descend({ lr: NaN }), () => climb.descend({ lr: -1 }),
    ].map(messageOf);
    const memories = [];
    for (let run = 0; run < 30; ++run) {
      climb.begin({ stage: run % 2 ? 4 : 6, seed: run, steps: 5 });
      climb.learn(5);
      climb.sample({ stage: run % 2 ? 4 : 6 });
      climb.descend({ steps: 20 });
      memories.push(climb.memoryBytes);
    }
    return { messages, early: memories[5], late: memories.at(-1) };
  },

  async module() {
    return { imports: WebAssembly.Module.imports(module).length };
  },
};

console.log(JSON.stringify(await commands[command](...files)));
