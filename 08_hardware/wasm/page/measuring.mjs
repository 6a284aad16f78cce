// The benchmark, in a worker: the page's engine against the clock.
import { tell } from './calls.mjs';
import { loadEngine } from './engine_files.mjs';

const runs = 5;
const milliseconds = 250;  // that a run is to take

let engine = null;

async function prepare() {
  engine ??= await loadEngine();
}

/// Mean, and the spread: from the least to the largest, as a part of the mean.
export function summary(rates) {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return { mean, spread: (Math.max(...rates) - Math.min(...rates)) / mean };
}

// As many tokens as fill a run: doubled until one takes a tenth of it, which also warms up the browser's
// compiler, then in proportion.
function tokensFor(kind) {
  for (let tokens = 2000;; tokens *= 2) {
    const { milliseconds: taken } = engine.bench({ kind, tokens });
    if (taken > milliseconds / 10) return Math.round(tokens * milliseconds / taken);
  }
}

export const measuring = {
  /// Kinds of engine that there are, by name.
  async kinds() {
    await prepare();
    return { kinds: [...engine.kinds], relaxed: Boolean(engine.kinds.relaxed) };
  },
  /// Five runs of each kind, in turn, so that a machine that grows slower does so for all. Tells
  /// 'measured' after each. Returns [{kind, runs: tokens a second, mean, spread}].
  async measure(kinds) {
    await prepare();
    const tokens = kinds.map(tokensFor);
    const rates = kinds.map(() => []);
    for (let run = 0; run < runs; ++run) {
      kinds.forEach((kind, i) => {
        rates[i].push(engine.bench({ kind, tokens: tokens[i] }).tokens_per_second);
        tell('measured', { kind, run: run + 1, runs });
      });
      await new Promise((resume) => setTimeout(resume, 0));
    }
    return kinds.map((kind, i) => ({ kind, tokens: tokens[i], runs: rates[i], ...summary(rates[i]) }));
  },
};
