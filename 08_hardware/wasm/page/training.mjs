// Training, in a worker: stage 09's trainer.mjs, which makes steps whenever nobody asks anything.
// It tells the page 'begun' when there is another model, 'progress' a few times a second, and 'names'
// every so many steps.
import { tell } from './calls.mjs';
import { fetchModule } from './engine_files.mjs';
import { fetchBytes, isThere, whereIs } from './files.mjs';

const [slice, pause] = [40, 120];  // milliseconds of steps without a look at messages; between tellings
const everySteps = 250;            // held-out NLL and names
const most = 16 << 20;             // bytes of a file of names

let trainer = null;
let running = false;
let ended = '';      // why there are no more steps: 'all steps made', 'stopped', or a sentence
let pace = Infinity; // steps a second at most
let losses = [];     // since the last telling, [step, loss]
let clock = 0;       // when the pace was set or training went on …
let made = 0;        // … and the steps made since
let told = 0;
let timer = 0;       // of the next steps: there is never more than one

function progress() {
  told = performance.now();
  tell('progress', { steps: trainer.steps, running, ended, losses });
  losses = [];
}

function examine() {
  tell('names', {
    steps: trainer.steps, heldOut: trainer.heldOutNll(),
    names: trainer.sample({ seed: 42, count: 8, temperature: 0.5 }),
  });
}

// Another model, or other weights: everything that was told before is past.
function afresh() {
  [running, ended, losses] = [false, '', []];
  tell('begun', { steps: trainer.options.steps });
  progress();
  examine();
  return about();
}

function halt(why) {
  running = false;
  ended = why;
  progress();
}

// Steps until the next look, never across a multiple of `everySteps`, and no more than the pace allows.
function stepsNow() {
  const until = everySteps - trainer.steps % everySteps;
  const due = pace === Infinity ? until : Math.floor((performance.now() - clock) * pace / 1000) - made;
  return Math.min(until, due, 50);
}

function work() {
  if (!running) return;
  const begin = performance.now();
  try {
    for (let count = stepsNow(); count > 0 && performance.now() - begin < slice; count = stepsNow()) {
      const before = trainer.steps;
      const now = trainer.step(count);
      now.forEach((loss, i) => losses.push([before + i + 1, loss]));
      made += now.length;
      if (now.length > 0 && trainer.steps % everySteps === 0) examine();
      if (now.length < count) {
        if (trainer.steps % everySteps !== 0) examine();
        halt('all steps made');
        return;
      }
    }
  } catch (error) {
    (error.losses ?? []).forEach((loss, i, all) => losses.push([error.step - all.length + i + 1, loss]));
    halt(`${error.message}.`);
    return;
  }
  if (performance.now() - told > pause) progress();
  schedule(pace === Infinity ? 0 : 15);
}

function schedule(delay) {
  clearTimeout(timer);
  timer = setTimeout(work, delay);
}

function begin() {
  clock = performance.now();
  made = 0;
  if (running) return;
  running = true;
  schedule(0);
}

async function bytesOf(file) {
  if (file.size > most) {
    throw new Error(`the file has ${Math.floor(file.size / (1 << 20))} MiB and 16 is the most`);
  }
  return new Uint8Array(await file.arrayBuffer());
}

// Other names need another model, whether these settings make sense or not.
function afterNames(options) {
  try {
    trainer.reset(options);
  } catch (error) {
    trainer.reset();
    afresh();
    throw error;
  }
  return afresh();
}

const about = () => ({ counts: trainer.counts, letters: trainer.letters, options: trainer.options });

export const training = {
  /// Gets the trainer and its names. Throws a sentence where the page was built without one.
  async prepare() {
    if (trainer) return about();
    if (!await isThere('modules/09_trainer.wasm')) {
      throw new Error('this page was built without the trainer, so nothing can be trained here; ' +
                      'stage 9 of the ladder builds it');
    }
    const { Trainer } = await import(whereIs('modules/trainer.mjs'));
    const made = await Trainer.load(await fetchModule('09_trainer'));
    made.setNames(await fetchBytes('data/names.txt'));
    made.reset();
    trainer = made;
    return afresh();
  },
  start() {
    if (ended) throw new Error('this run is over; reset begins a new one');
    begin();
    progress();
  },
  pause() {
    running = false;
    progress();
  },
  stop() {
    if (trainer.steps % everySteps !== 0) examine();
    halt('stopped');
  },
  /// A new model: {seed, lr, batch, steps}.
  reset(options = {}) {
    trainer.reset(options);
    return afresh();
  },
  /// {lr, batch} from the next step on, {perSecond}: how many at most.
  setPace({ perSecond, ...options }) {
    if (Object.keys(options).length > 0) trainer.setPace(options);
    if (perSecond !== undefined) {
      pace = perSecond;
      [clock, made] = [performance.now(), 0];
    }
    return trainer.options;
  },
  /// A visitor's list of words, a File; then a new model for its letters.
  async useNames(file, options) {
    const bytes = await bytesOf(file);
    trainer.setNames(bytes);
    return afterNames(options);
  },
  /// The names of the page again.
  async useOwnNames(options) {
    trainer.setNames(await fetchBytes('data/names.txt'));
    return afterNames(options);
  },
  /// A visitor's weights, a File: training goes on from them.
  async useWeights(file) {
    trainer.importWeights(await bytesOf(file));
    return afresh();
  },
  /// The weights as a safetensors file.
  weights: () => trainer.exportWeights(),
  /// Names from the model as it is: {seed, count, temperature, start}.
  sample: (options) => trainer.sample(options),
  /// Copies of the tensors of a kind, as trainer.tensors().
  tensors: (kind) => trainer.tensors(kind).map((tensor) => ({ ...tensor, values: tensor.values.slice() })),
};
