// Stages 01, 02, 04 and 06 at work: 08_stages.wasm in clothes, for workers and node. No import of the
// module's.
//
//   const climb = await Climb.load(bytesOrModule);      // 08_stages.wasm
//   climb.setNames(bytesOfATextFile);                   // one name a line
//   climb.count(1000);                                  // stage 01, of so many names more
//   climb.descend({ steps: 5000 });                     // stage 02
//   climb.begin({ stage: 6, seed: 42, steps: 2000 }), climb.learn(20), climb.nll();
//   climb.sample({ stage: 6, count: 5 });

const vocabSize = 27;
const tableSize = vocabSize * vocabSize;

export class Climb {
  #module;
  #names = 0;
  #learning = 0;
  #descended = 0;

  /// `source`: bytes of 08_stages.wasm, or a WebAssembly.Module.
  static async load(source) {
    const made = await WebAssembly.instantiate(source, {});
    return new Climb(made.instance ?? made);
  }

  constructor(instance) {
    this.#module = instance.exports;
    this.#module._initialize();
  }

  #numbers(address, count) {
    return new Float64Array(this.#module.memory.buffer, address, count).slice();
  }
  #needNames() {
    if (this.#names === 0) throw new Error('there are no names yet: setNames() takes them');
  }

  /// Takes a text's names, one a line, a to z and at most 15 letters; other lines are left out.
  /// Returns how many there are.
  setNames(bytes) {
    const address = this.#module.climb_text(bytes.length);
    new Uint8Array(this.#module.memory.buffer, address, bytes.length).set(bytes);
    this.#learning = this.#descended = 0;
    this.#names = this.#module.climb_names();
    return this.#names;
  }

  /// Stage 01 forgets what it counted.
  resetCount() {
    this.#module.count_begin();
  }
  /// Stage 01 counts the pairs of so many names more: {names, of, table, nll}. The table is (27, 27),
  /// row by row, row and column 26 the beginning and the end.
  count(names) {
    this.#needNames();
    const counted = this.#module.count_more(names);
    return { names: counted, of: this.#names, table: this.#numbers(this.#module.count_table(), tableSize),
             nll: this.#module.count_nll() };
  }

  /// Stage 02 goes downhill for so many steps: {losses, steps, tables, optimum, diverged}. `losses` are
  /// those before the first step and after each; `tables[i]` are the probabilities after `steps[i]`.
  descend({ rows = true, lr = rows ? 3 : 50, steps = 1000 } = {}) {
    this.#needNames();
    if (!(lr > 0 && lr < 1e6)) throw new Error('the learning rate must be a number above 0');
    const m = this.#module;
    const made = m.descend(rows ? 1 : 0, lr, steps);
    this.#descended = m.descent_count();
    const kept = Array.from({ length: this.#descended }, (_, i) => i);
    return {
      losses: this.#numbers(m.descent_losses(), made + 1),
      steps: kept.map((i) => m.descent_step(i)),
      tables: kept.map((i) => this.#numbers(m.descent_table(i), tableSize)),
      optimum: m.descent_optimum(), diverged: m.descent_diverged() === 1,
    };
  }

  /// Stage 04 or 06 begins anew, by its recipe but with so many steps. Returns its parameters' number.
  begin({ stage, seed = 42, steps }) {
    this.#needNames();
    const parameters = this.#module.learn_begin(stage, BigInt.asUintN(64, BigInt(seed)), steps);
    if (parameters === 0) throw new Error(`stage ${stage} does not learn here; stages 4 and 6 do`);
    this.#learning = stage;
    return parameters;
  }
  /// Makes at most so many steps. Returns their losses, nats a letter; none at the end of the plan.
  learn(steps) {
    if (this.#learning === 0) throw new Error('there is no model yet: begin() makes one');
    const made = this.#module.learn(steps);
    return this.#numbers(this.#module.learn_losses(), made);
  }
  /// The NLL of all names, nats a letter.
  nll() {
    if (this.#learning === 0) throw new Error('there is no model yet: begin() makes one');
    return this.#module.learn_nll();
  }

  /// Names by a stage's model as it is; of stage 02, by its table number `table`.
  sample({ stage, count = 5, seed = 42, temperature = 1, table = this.#descended - 1 }) {
    this.#needNames();
    if (stage > 2 && stage !== this.#learning) throw new Error(`stage ${stage} has not learned anything yet`);
    if (stage === 2 && !(table >= 0 && table < this.#descended)) throw new Error('stage 2 has no such table yet');
    this.#module.climb_seed(BigInt.asUintN(64, BigInt(seed)));
    return Array.from({ length: count }, () => {
      const length = this.#module.climb_draw(stage, Math.max(0, table), temperature);
      const tokens = new Int32Array(this.#module.memory.buffer, this.#module.climb_drawn(), length);
      return Array.from(tokens, (token) => String.fromCharCode(97 + token)).join('');
    });
  }

  /// Bytes of memory that the module has; it never gives any back.
  get memoryBytes() {
    return this.#module.memory.buffer.byteLength;
  }
}
