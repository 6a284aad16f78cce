// Everything that the model computes for one name: 08_stages.wasm in clothes, for pages and node. No
// import of the module's; an error is an Error whose message is one sentence for the visitor.
//
//   const inside = await Inside.load(bytesOrModule);   // 08_stages.wasm
//   inside.setWeights(bytes);                          // a safetensors file
//   const { loss, looks } = inside.look('emma');
//   looks.get('q')       // { name, rows, columns, value: Float64Array, gradient: Float64Array }
import { readSafetensors } from './safetensors.mjs';

const longest = 15;

export class Inside {
  #module;

  /// `source`: bytes of 08_stages.wasm, or a WebAssembly.Module.
  static async load(source) {
    const made = await WebAssembly.instantiate(source, {});
    return new Inside(made.instance ?? made);
  }

  constructor(instance) {
    this.#module = instance.exports;
    this.#module._initialize();
  }

  #text(address) {
    const bytes = new Uint8Array(this.#module.memory.buffer, address);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
  #numbers(address, count) {
    return new Float64Array(this.#module.memory.buffer, address, count);
  }

  /// Takes the weights of a file. Throws, and changes nothing, if it is no file of this model.
  setWeights(bytes) {
    const given = readSafetensors(bytes);
    if ([...given.keys()].some((name) => name.endsWith('_norm'))) {
      throw new Error('these weights have gains; the looking glass is for the model without them');
    }
    const tensors = this.tensors();
    for (const { name, rows, columns } of tensors) {
      const tensor = given.get(name);
      if (!tensor) throw new Error(`the weights have no tensor '${name}'`);
      if (tensor.shape.join() !== `${rows},${columns}`) {
        throw new Error(`the tensor '${name}' has shape (${tensor.shape.join(', ')}) and ` +
                        `(${rows}, ${columns}) is needed`);
      }
    }
    for (const { name, value } of tensors) value.set(given.get(name).values);
  }

  /// The weights: [{name, rows, columns, value, gradient}], views of the module's memory. The gradient
  /// is that of the last look()'s loss.
  tensors() {
    const m = this.#module;
    return Array.from({ length: m.inside_parameter_count() }, (_, i) => {
      const [rows, columns] = [m.inside_parameter_rows(i), m.inside_parameter_columns(i)];
      return {
        name: this.#text(m.inside_parameter_name(i)), rows, columns,
        value: this.#numbers(m.inside_parameter_value(i), rows * columns),
        gradient: this.#numbers(m.inside_parameter_gradient(i), rows * columns),
      };
    });
  }

  /// Runs a name forwards and its loss backwards: {loss, looks}, where looks is a Map from name to
  /// {name, rows, columns, value, gradient}, in the order of the calculation.
  look(name) {
    if (!/^[a-z]{0,15}$/.test(name)) {
      throw new Error(`'${name}' is not a name of at most ${longest} letters, a to z`);
    }
    const m = this.#module;
    const letters = Uint8Array.from(name, (letter) => letter.charCodeAt(0) - 97);
    new Uint8Array(m.memory.buffer, m.inside_letters(), letters.length).set(letters);
    const loss = m.inside_look(letters.length);
    const looks = new Map();
    for (let i = 0; i < m.inside_count(); ++i) {
      const [rows, columns] = [m.inside_rows(i), m.inside_columns(i)];
      const copy = (address) => this.#numbers(address, rows * columns).slice();
      const look = this.#text(m.inside_name(i));
      looks.set(look, { name: look, rows, columns, value: copy(m.inside_value(i)),
                        gradient: copy(m.inside_gradient(i)) });
    }
    return { loss, looks };
  }
}
