// What test_wasm.cpp asks of the module, in node: checks.mjs MODULE COMMAND [FILE…], where
// trainer.mjs lies beside the module. Prints one JSON object.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, command, ...files] = process.argv.slice(2);
const { Trainer } = await import(pathToFileURL(join(dirname(path), 'trainer.mjs')));
const module = new WebAssembly.Module(readFileSync(path));

async function trainerOf(names, options) {
  const trainer = await Trainer.load(module);
  trainer.setNames(readFileSync(names));
  trainer.reset(options);
  return trainer;
}

function messageOf(body) {
  try {
    body();
  } catch (error) {
    return error.message;
  }
  return '';
}

const commands = {
  /// Losses of 200 steps, and what the model is then.
  async curve(names, weights) {
    const trainer = await trainerOf(names, { seed: 42, lr: 0.01, batch: 16, steps: 400, merge: false });
    const losses = trainer.step(100);
    trainer.setPace({ lr: 0.008, batch: 20, merge: true });
    losses.push(...trainer.step(100));
    writeFileSync(weights, trainer.exportWeights());
    return { losses, nll: trainer.heldOutNll(), counts: trainer.counts, steps: trainer.steps,
             left: trainer.step(1000).length, after: trainer.step(5).length };
  },

  async learn(names) {
    const trainer = await trainerOf(names, { seed: 7, lr: 0.01, batch: 16, steps: 2000 });
    const before = trainer.heldOutNll();
    trainer.step(2000);
    return { before, after: trainer.heldOutNll(), samples: trainer.sample({ count: 20 }) };
  },

  /// Names from weights of a file, and the file written again.
  async weights(names, from, to) {
    const trainer = await trainerOf(names, { seed: 42 });
    trainer.step(3);
    trainer.importWeights(readFileSync(from));
    writeFileSync(to, trainer.exportWeights());
    return { nll: trainer.heldOutNll(), steps: trainer.steps, mean: trainer.tensors('mean')[0].values[0],
             samples: trainer.sample({ seed: 42, count: 20, temperature: 0.7 }),
             begun: trainer.sample({ seed: 42, count: 5, temperature: 1, start: 'Ma' }),
             greedy: trainer.sample({ seed: 42, count: 1, temperature: 0 }) };
  },

  /// What it says of files that are no names and files that are no weights; and it goes on.
  async refuse(names, ...bad) {
    const trainer = await trainerOf(names, { seed: 42 });
    const before = trainer.step(3);
    const messages = bad.map((file) => {
      const bytes = readFileSync(file);
      return messageOf(() => (file.endsWith('.weights') ? trainer.importWeights(bytes)
                                                         : trainer.setNames(bytes)));
    });
    messages.push(messageOf(() => trainer.setNames(new Uint8Array(100 << 20).fill(0x61))));
    const going = trainer.step(3);
    const again = await trainerOf(names, { seed: 42 });
    return { messages, on: [...before, ...going], undisturbed: again.step(6) };
  },

  /// What it says of numbers that make no sense.
  async numbers(names) {
    const empty = await Trainer.load(module);
    const trainer = await trainerOf(names, { seed: 1, steps: 50 });
    const tries = [
      () => empty.reset(), () => empty.step(), () => empty.sample(), () => empty.heldOutNll(),
      () => trainer.reset({ lr: NaN }), () => trainer.reset({ lr: -1 }), () => trainer.reset({ batch: 0 }),
      () => trainer.setPace({ batch: 5000 }), () => trainer.setPace({ steps: 0 }),
      () => trainer.reset({ beta1: 1 }), () => trainer.reset({ beta2: -0.5 }),
      () => trainer.sample({ temperature: -1 }), () => trainer.sample({ temperature: NaN }),
      () => trainer.sample({ start: 'm#' }), () => trainer.sample({ start: 'a'.repeat(16) }),
      () => trainer.tensors('moments'),
    ];
    return { messages: tries.map(messageOf), losses: trainer.step(50) };
  },

  async diverge(names) {
    const trainer = await trainerOf(names, { seed: 42, lr: 1000, steps: 5000 });
    const seen = {};
    const message = messageOf(() => {
      try {
        trainer.step(5000);
      } catch (error) {
        Object.assign(seen, { step: error.step, losses: error.losses.length, last: error.losses.at(-1) });
        throw error;
      }
    });
    const again = messageOf(() => trainer.step());
    trainer.reset({ lr: 0.01 });
    return { message, again, ...seen, afresh: trainer.step(3) };
  },

  /// Memory after ten runs, and after a hundred more.
  async memory(names) {
    const trainer = await trainerOf(names, { seed: 1 });
    const run = (seed) => {
      if (seed % 10 === 0) trainer.setNames(readFileSync(names));
      trainer.reset({ seed });
      trainer.step(5);
      if (seed % 10 === 0) trainer.heldOutNll();
      trainer.sample();
      trainer.importWeights(trainer.exportWeights());
    };
    for (let seed = 0; seed < 10; ++seed) run(seed);
    const early = trainer.memoryBytes;
    for (let seed = 0; seed < 100; ++seed) run(seed);
    return { early, late: trainer.memoryBytes };
  },

  /// Alphabets of lists of names in any script.
  async letters(...lists) {
    const found = [];
    for (const list of lists) {
      const trainer = await trainerOf(list, { seed: 1, steps: 20 });
      found.push({ letters: trainer.letters.join(''), counts: trainer.counts,
                   loss: trainer.step(20).at(-1) });
    }
    return { found };
  },

  /// What there is to look at after one step.
  async look(names) {
    const trainer = await trainerOf(names, { seed: 42 });
    trainer.step();
    const of = (kind) => trainer.tensors(kind).map(
      ({ name, shape, values }) => ({ name, shape, values: Array.from(values) }));
    return { weights: of('weights'), gradient: of('gradient'), mean: of('mean'), square: of('square') };
  },

  async module() {
    return { imports: WebAssembly.Module.imports(module).length };
  },
};

console.log(JSON.stringify(await commands[command](...files)));
