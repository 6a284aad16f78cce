// What test_engine.cpp asks of the module, in node: checks.mjs MODULE COMMAND [FILE…], where engine.mjs
// lies beside the module. Prints one JSON object.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [path, command, ...files] = process.argv.slice(2);
const { load_engine } = await import(pathToFileURL(join(dirname(path), 'engine.mjs')));
const module = new WebAssembly.Module(readFileSync(path));
const fromFile = (file) => load_engine(module, readFileSync(file));

function messageOf(body) {
  try {
    body();
  } catch (error) {
    return error.message;
  }
  return '';
}

const commands = {
  /// Logits, probabilities and attention of each beginning of names, by every engine.
  async logits(weights, names) {
    const engine = await fromFile(weights);
    const kinds = {};
    for (const kind of engine.kinds) {
      kinds[kind] = JSON.parse(readFileSync(names)).map((name) => {
        const beginnings = Array.from({ length: Math.min(name.length + 1, 16) }, (_, i) => name.slice(0, i));
        return beginnings.map((letters) => {
          const { logits, probabilities, attention } = engine.next(letters, 0.7, { kind });
          return { logits: [...logits], probabilities: [...probabilities], attention: [...attention] };
        });
      });
    }
    return kinds;
  },

  /// Names for each of a list of requests.
  async write(weights, requests) {
    const engine = await fromFile(weights);
    return { names: JSON.parse(readFileSync(requests)).map((request) => engine.write(request)) };
  },

  async score(weights, names) {
    const engine = await fromFile(weights);
    return { scores: JSON.parse(readFileSync(names)).map((name) => engine.score(name)) };
  },

  /// What it says of files that are no weights; and it goes on with those it had.
  async refuse(weights, ...bad) {
    const engine = await fromFile(weights);
    const before = engine.write({ seed: 1, count: 5 });
    const messages = bad.map((file) => messageOf(() => engine.load(readFileSync(file))));
    messages.push(messageOf(() => engine.load(new Uint8Array(100 << 20).fill(0x61))));
    return { messages, same: before.join() === engine.write({ seed: 1, count: 5 }).join() };
  },

  /// What it says of what a visitor may type.
  async typed(weights) {
    const engine = await fromFile(weights);
    const tries = [
      () => engine.next('m#'), () => engine.next('abcdefghijklmnop'), () => engine.next('é'),
      () => engine.next('a', -1), () => engine.next('a', NaN), () => engine.next('a', Infinity),
      () => engine.write({ temperature: -1 }), () => engine.write({ beginning: 'a1' }),
      () => engine.write({ kind: 'gpu' }), () => engine.score('abcdefghijklmnopq'),
      () => engine.bench({ kind: 'none' }),
    ];
    return { messages: tries.map(messageOf), tidied: engine.write({ seed: 3, count: 2, beginning: ' Ma ' }),
             plain: engine.write({ seed: 3, count: 2, beginning: 'ma' }),
             cold: [...engine.next('emm', 0).probabilities] };
  },

  /// Memory after some use, and after far more of it.
  async memory(weights) {
    const engine = await fromFile(weights);
    const use = (times) => {
      for (let i = 0; i < times; ++i) {
        engine.load(readFileSync(weights));
        for (const kind of engine.kinds) {
          engine.write({ seed: i, count: 3, kind });
          engine.next('emma', 1, { kind });
          engine.bench({ kind, tokens: 1 });
        }
      }
      return engine.memoryBytes;
    };
    return { early: use(3), late: use(40) };
  },

  /// Enough of every kind to tell that it writes as many tokens as it says.
  async bench(weights) {
    const engine = await fromFile(weights);
    return { rows: engine.kinds.map((kind) => ({ kind, ...engine.bench({ kind, tokens: 5000 }) })) };
  },

  async module(weights) {
    const engine = await fromFile(weights);
    return { imports: WebAssembly.Module.imports(module).length, relaxed: engine.kinds.relaxed };
  },
};

console.log(JSON.stringify(await commands[command](...files)));
