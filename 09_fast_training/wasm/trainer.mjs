// A GPT that learns, for pages, workers and node: 09_trainer.wasm in clothes. No dependency, no
// import of the module's; an error is an Error whose message is one sentence for the visitor.
//
//   const trainer = await Trainer.load(bytesOrResponse);   // 09_trainer.wasm
//   trainer.setNames(bytesOfATextFile);                    // one name a line
//   trainer.reset({ seed: 42, lr: 0.01, batch: 16, steps: 10000 });
//   const losses = trainer.step(100);                      // pause: do not call it
//   trainer.heldOutNll(), trainer.sample({ seed: 1, count: 10, temperature: 0.5 });
import { readSafetensors, writeSafetensors } from './safetensors.mjs';

const kinds = { weights: 0, gradient: 1, mean: 2, square: 3 };
const defaults = { seed: 42, lr: 0.01, batch: 16, steps: 10000, merge: true, beta1: 0.85, beta2: 0.99 };
const maxFileBytes = 16 << 20;

const metadata = {
  format: 'pt', model: 'microgpt', n_head: '4', n_embd: '16', block_size: '16',
};

// One code point as common/utf8.cpp lowers it: alone, so that no rule looks at its neighbours.
function lower(letter) {
  if (letter === '\u0130') return 'i';
  const small = letter.toLowerCase();
  return [...small].length === 1 ? small : letter;
}

/// A row of a file in the form that the ladder's corpora have: lower case, accents composed, nothing
/// around it that does not show. (common/corpus.cpp; Unicode's tables are the browser's.)
export function tidy(row) {
  const invisible = '[\\s\\u0085\\p{Cf}\\p{Default_Ignorable_Code_Point}\\u2800]';
  const trimmed = row.replace(new RegExp(`^${invisible}+|${invisible}+$`, 'gu'), '');
  return [...trimmed.normalize('NFC')].map(lower).join('').normalize('NFC');
}

// Bytes of a file, tidied line by line. Bytes that are not UTF-8 stay: the module says which line.
function tidyBytes(bytes) {
  if (bytes.every((byte) => byte < 0x80)) return bytes;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes;
  }
  return new TextEncoder().encode(text.split(/\r\n|\r|\n/).map(tidy).join('\n'));
}

export class Trainer {
  #module;
  #options = { ...defaults };
  #diverged = null;

  /// `source`: bytes, a Response (or a promise of one), or a WebAssembly.Module.
  static async load(source) {
    let from = await source;
    if (typeof Response !== 'undefined' && from instanceof Response) from = await from.arrayBuffer();
    const made = await WebAssembly.instantiate(from, {});
    return new Trainer(made.instance ?? made);
  }

  constructor(instance) {
    this.#module = instance.exports;
    this.#module._initialize();
  }

  #text(address) {
    const bytes = new Uint8Array(this.#module.memory.buffer, address);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
  #check(ok) {
    if (!ok) throw new Error(this.#text(this.#module.error()));
  }
  #fill(bytes) {
    const address = this.#module.input(bytes.length);
    new Uint8Array(this.#module.memory.buffer, address, bytes.length).set(bytes);
  }
  #running() {
    if (this.#module.parameter_count() === 0) throw new Error('there is no model yet: reset() makes one');
  }

  /// Takes a text file's bytes, one name a line, in the place of the names there were; reset() next.
  /// Throws if they cannot be used; the names there were stay then, and training may go on.
  setNames(bytes) {
    if (bytes.length > maxFileBytes) {
      throw new Error(`the file has ${Math.floor(bytes.length / (1 << 20))} MiB and 16 is the most; ` +
                      'a list of names is plain UTF-8 text, one name a line');
    }
    const tidied = tidyBytes(bytes);
    this.#fill(tidied);
    this.#check(this.#module.set_names(tidied.length));
  }

  /// Symbols of the alphabet, by token; the token after the last is BOS.
  get letters() {
    const { memory, letters, letter_count } = this.#module;
    const points = new Uint32Array(memory.buffer, letters(), letter_count());
    return Array.from(points, (point) => String.fromCodePoint(point));
  }
  /// Names there are: {train, heldOut, tooLong}.
  get counts() {
    const { train_count, held_out_count, too_long_count } = this.#module;
    return { train: train_count(), heldOut: held_out_count(), tooLong: too_long_count() };
  }

  /// A new run: {seed, lr, batch, steps, merge, beta1, beta2}, each as it was if not given.
  reset(options = {}) {
    const o = { ...this.#options, ...options };
    const seed = BigInt.asUintN(64, BigInt(o.seed));
    this.#check(
      this.#module.restart(seed, o.lr, o.batch, o.steps, o.merge ? 1 : 0, o.beta1, o.beta2));
    this.#options = o;
  }
  /// Other values of {lr, batch, steps, merge} from the next step on.
  setPace(options) {
    const o = { ...this.#options, ...options };
    this.#check(this.#module.set_pace(o.lr, o.batch, o.steps, o.merge ? 1 : 0));
    this.#options = o;
  }
  get options() {
    return { ...this.#options };
  }

  /// Makes at most `count` steps, fewer at the end of the run. Returns their losses, nats a
  /// prediction. Throws if training diverges: the error has `step`, and `losses` as far as they go.
  step(count = 1) {
    this.#running();
    if (this.#module.diverged()) throw this.#diverged;
    const losses = [];
    while (losses.length < count) {
      const made = this.#module.step(Math.min(count - losses.length, 1024));
      losses.push(...new Float64Array(this.#module.memory.buffer, this.#module.losses(), made));
      if (this.#module.diverged()) throw (this.#diverged = this.#divergence(losses));
      if (made === 0) break;
    }
    return losses;
  }
  #divergence(losses) {
    const shown = (loss) => (loss < 1e4 ? loss.toFixed(4) : loss.toExponential(1));
    const error = new Error(
      `training diverged at step ${this.steps}: the loss was ${shown(this.#module.first_loss())} ` +
      `at first and is ${shown(losses.at(-1))} now; try a smaller learning rate than ${this.#options.lr}`);
    return Object.assign(error, { step: this.steps, losses });
  }
  /// Steps made since reset().
  get steps() {
    return this.#module.steps_made();
  }

  /// Mean NLL of all held-out names, nats a character.
  heldOutNll() {
    this.#running();
    return this.#module.held_out_nll();
  }

  /// Names from the model as it is, the same for the same seed: {seed, count, temperature, start}.
  sample({ seed = 42, count = 10, temperature = 0.5, start = '' } = {}) {
    this.#running();
    const letters = this.letters;
    const tokens = Array.from(tidy(start), (letter) => {
      const token = letters.indexOf(letter);
      if (token < 0) throw new Error(`'${letter}' is not a letter of this alphabet`);
      return token;
    });
    this.#module.sample_seed(BigInt.asUintN(64, BigInt(seed)));
    return Array.from({ length: count }, () => {
      this.#fill(Uint8Array.from(tokens));
      const length = this.#module.sample(temperature, tokens.length);
      this.#check(length >= 0);
      const drawn = new Int32Array(this.#module.memory.buffer, this.#module.drawn(), length);
      return Array.from(drawn, (token) => letters[token]).join('');
    });
  }

  /// Tensors of one kind ('weights', 'gradient', 'mean', 'square'; the last two are Adam's m and v):
  /// [{name, shape, values}]. The values are views of the module's memory: copy what is to be kept.
  tensors(kind = 'weights') {
    this.#running();
    const m = this.#module;
    if (!(kind in kinds)) throw new Error(`'${kind}' is none of ${Object.keys(kinds).join(', ')}`);
    const address = m.numbers(kinds[kind]);
    return Array.from({ length: m.tensor_count() }, (_, i) => {
      const [rows, columns] = [m.tensor_rows(i), m.tensor_columns(i)];
      return {
        name: this.#text(m.tensor_name(i)),
        shape: [rows, columns],
        values: new Float32Array(m.memory.buffer, address + 4 * m.tensor_offset(i), rows * columns),
      };
    });
  }

  /// The weights as a safetensors file, which stages 06 to 09 read.
  exportWeights() {
    const tensors = this.tensors();
    for (const { name, values } of tensors) {
      if (!values.every(Number.isFinite)) {
        throw new Error(`tensor '${name}' holds a NaN or an infinity; did training diverge?`);
      }
    }
    return writeSafetensors(tensors, metadata);
  }

  /// Takes the weights of such a file; Adam and the steps begin anew. Throws, and changes nothing, if
  /// it is no file of this model.
  importWeights(bytes) {
    this.#running();
    const given = readSafetensors(bytes);
    const all = new Float32Array(this.#module.parameter_count());
    let at = 0;
    for (const { name, shape, values } of this.tensors().sort((a, b) => a.values.byteOffset - b.values.byteOffset)) {
      const tensor = given.get(name);
      if (!tensor) throw new Error(`the weights have no tensor '${name}'`);
      if (tensor.shape.join() !== shape.join()) {
        throw new Error(`the tensor '${name}' has shape (${tensor.shape.join(', ')}) and ` +
                        `(${shape.join(', ')}) is needed`);
      }
      all.set(tensor.values, at);
      at += values.length;
    }
    if ([...given.keys()].some((name) => name.endsWith('_norm'))) {
      throw new Error('the weights have gains, and this model has none');
    }
    this.#fill(new Uint8Array(all.buffer));
    this.#check(this.#module.set_weights(all.length));
  }

  /// Bytes of memory that the module has; it never gives any back.
  get memoryBytes() {
    return this.#module.memory.buffer.byteLength;
  }
}
