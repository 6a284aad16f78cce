// A GPT that writes names, for pages, workers and node: 08_engine.wasm in clothes. No dependency, no
// import of the module's; an error is an Error whose message is one sentence for the visitor.
//
//   const engine = await load_engine(bytesOrResponse, weights);   // 08_engine.wasm, a safetensors file
//   engine.write({ seed: 42, temperature: 1, count: 10, beginning: 'ma' });
//   engine.next('emm', 0.5), engine.score('emma'), engine.bench({ kind: 'streams', tokens: 1e6 });
import { readSafetensors } from './safetensors.mjs';

const blockSize = 16;
const bos = 26;
const heads = 4;
const maxFileBytes = 16 << 20;
const advice = 'this page runs what 06_gpt_adam trains on names of a to z';

/// Tensors in the order in which the module has them.
const shapes = {
  'wte': [27, 16], 'wpe': [16, 16],
  'layer0.attn_wq': [16, 16], 'layer0.attn_wk': [16, 16],
  'layer0.attn_wv': [16, 16], 'layer0.attn_wo': [16, 16],
  'layer0.mlp_fc1': [64, 16], 'layer0.mlp_fc2': [16, 64], 'lm_head': [27, 16],
};
const gains = ['layer0.attn_norm', 'layer0.mlp_norm', 'final_norm'];

/// `module`: bytes of 08_engine.wasm, a Response (or a promise of one), or a WebAssembly.Module;
/// `weights`: bytes of a safetensors file.
export async function load_engine(module, weights) {
  let from = await module;
  if (typeof Response !== 'undefined' && from instanceof Response) from = await from.arrayBuffer();
  const made = await WebAssembly.instantiate(from, {});
  const engine = new Engine(made.instance ?? made);
  engine.load(weights);
  return engine;
}

// The numbers of a tensor, or an Error that says why there are none.
function valuesOf(tensors, name, shape) {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`the weights have no tensor '${name}'; ${advice}`);
  if (tensor.shape.join() !== shape.join()) {
    throw new Error(`the tensor '${name}' has shape (${tensor.shape.join(', ')}) and ` +
                    `(${shape.join(', ')}) is needed; ${advice}`);
  }
  return tensor.values;
}

// All numbers of a file as the module wants them, and whether there are gains among them.
function modelOf(bytes) {
  if (bytes.length > maxFileBytes) {
    throw new Error(`the file has ${Math.floor(bytes.length / (1 << 20))} MiB, far more than the ` +
                    `weights of this model; ${advice}`);
  }
  const tensors = readSafetensors(bytes);
  const symbols = tensors.get('wte')?.shape[0];
  if (symbols !== undefined && symbols !== 27) {
    throw new Error(`the weights speak an alphabet of ${symbols} symbols, not the 27 of a–z and the ` +
                    `end; ${advice}`);
  }
  const numbers = Object.entries(shapes).flatMap(
    ([name, shape]) => Array.from(valuesOf(tensors, name, shape)));
  const hasGains = gains.some((name) => tensors.has(name));
  if (hasGains) {
    for (const name of gains) numbers.push(...valuesOf(tensors, name, [16]));
  }
  for (const name of tensors.keys()) {
    if (!(name in shapes) && !gains.includes(name)) {
      throw new Error(`'${name.slice(0, 40)}' is no part of this model; ${advice}`);
    }
  }
  return { numbers, hasGains };
}

// Letters as tokens.
function tokensOf(text, most) {
  const letters = [...text.trim().toLowerCase()];
  const wrong = letters.find((letter) => !/^[a-z]$/.test(letter));
  if (wrong !== undefined) throw new Error(`'${wrong}' is not a letter that this model knows: it reads a to z`);
  if (letters.length > most) {
    throw new Error(`'${text.slice(0, 40)}' has ${letters.length} letters, and ${most} are the most here`);
  }
  return letters.map((letter) => letter.charCodeAt(0) - 97);
}

function checkTemperature(temperature) {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new Error('the temperature must be a number, 0 or above');
  }
}

function checkWhole(what, number, most) {
  if (!Number.isSafeInteger(number) || number < 0 || number > most) {
    throw new Error(`the ${what} must be a whole number from 0 to ${most}`);
  }
}

// Of each logit at a temperature; at 0 the most likely one gets it all.
function softmax(logits, temperature) {
  const largest = Math.max(...logits);
  if (temperature === 0) {
    const first = logits.indexOf(largest);
    return Float32Array.from(logits, (_, i) => (i === first ? 1 : 0));
  }
  const weights = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float32Array.from(weights, (weight) => weight / total);
}

class Engine {
  #module;

  constructor(instance) {
    this.#module = instance.exports;
    this.#module._initialize();
  }

  /// Takes the weights of a safetensors file. Throws, and keeps those there were, if they are none of
  /// this model.
  load(bytes) {
    const { numbers, hasGains } = modelOf(bytes);
    const address = this.#module.numbers();
    new Float32Array(this.#module.memory.buffer, address, numbers.length).set(numbers);
    if (!this.#module.load(hasGains ? 1 : 0)) {
      throw new Error('the gains and the weights they scale are too large for a float');
    }
  }

  #put(tokens) {
    const address = this.#module.letters();
    new Uint8Array(this.#module.memory.buffer, address, blockSize).set(tokens);
  }
  #floats(address, count) {
    return new Float32Array(this.#module.memory.buffer, address, count).slice();
  }
  #kind(name) {
    const kind = this.kinds.indexOf(name);
    if (kind < 0) throw new Error(`'${name}' is none of ${this.kinds.join(', ')}`);
    return kind;
  }

  /// What comes after some letters, 15 at most: {logits, probabilities (at that temperature), both of
  /// 27 symbols (a–z and the end); attention, (4, letters + 1): what each head looks at, BOS first}.
  next(letters, temperature = 1, { kind = 'one' } = {}) {
    checkTemperature(temperature);
    const tokens = tokensOf(letters, blockSize - 1);
    this.#put(tokens);
    this.#module.next(this.#kind(kind), tokens.length);
    const logits = this.#floats(this.#module.logits(), bos + 1);
    const all = this.#floats(this.#module.attention(), heads * blockSize);
    const length = tokens.length + 1;
    const attention = new Float32Array(heads * length);
    for (let head = 0; head < heads; ++head) {
      attention.set(all.subarray(head * blockSize, head * blockSize + length), head * length);
    }
    return { logits, probabilities: softmax(logits, temperature), attention };
  }

  /// Names, the native programs' from the same seed: {seed, temperature, count, beginning}.
  write({ seed = 42, temperature = 1, count = 10, beginning = '', kind = 'one' } = {}) {
    checkTemperature(temperature);
    checkWhole('seed', seed, Number.MAX_SAFE_INTEGER);
    checkWhole('number of names', count, 1000000);
    const tokens = tokensOf(beginning, blockSize - 1);
    this.#put(tokens);
    this.#module.start(this.#kind(kind), BigInt(seed), temperature, tokens.length);
    return Array.from({ length: count }, () => {
      const length = this.#module.name();
      const address = this.#module.letters();
      const name = new Uint8Array(this.#module.memory.buffer, address, length);
      return Array.from(name, (token) => String.fromCharCode(token + 97)).join('');
    });
  }

  /// How surprised it is by a name of at most 16 letters, at temperature 1: {nll, letters: [{letter
  /// ('.' for the end), probability, nll}]}; nats, and nll is the mean.
  score(name) {
    const tokens = tokensOf(name, blockSize);
    const typed = String.fromCharCode(...tokens.map((token) => token + 97));
    const targets = [...tokens, bos].slice(0, blockSize);
    const letters = targets.map((target, i) => {
      const { logits } = this.next(typed.slice(0, i), 1);
      const largest = Math.max(...logits);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
      const nll = Math.log(total) + largest - logits[target];
      return { letter: target === bos ? '.' : typed[i], probability: Math.exp(-nll), nll };
    });
    return { nll: letters.reduce((sum, { nll }) => sum + nll, 0) / letters.length, letters };
  }

  /// Writes at least so many tokens by one kind of engine: {tokens, milliseconds, tokens_per_second}.
  /// `clock` tells milliseconds.
  bench({ kind = 'one', tokens = 100000, clock = () => performance.now() } = {}) {
    checkWhole('number of tokens', tokens, 1e9);
    this.#put([]);
    this.#module.start(this.#kind(kind), 1n, 1, 0);
    const before = clock();
    const written = this.#module.run(tokens);
    const milliseconds = clock() - before;
    return { tokens: written, milliseconds, tokens_per_second: 1000 * written / milliseconds };
  }

  /// Engines that the module has, by name; `kinds.relaxed`: it was compiled for relaxed SIMD.
  get kinds() {
    const m = this.#module;
    const names = Array.from({ length: m.kind_count() }, (_, kind) => {
      const address = m.kind_name(kind);
      const bytes = new Uint8Array(m.memory.buffer, address);
      return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    });
    return Object.assign(names, { relaxed: m.relaxed() === 1 });
  }

  /// Bytes of memory that the module has; it never gives any back.
  get memoryBytes() {
    return this.#module.memory.buffer.byteLength;
  }
}
