// Modules of the page that there are twice, with relaxed SIMD and without; and the engine with the weights of the
// page, for whoever needs one: the page, and the worker that measures.
import { fetchBytes, whereIs } from './files.mjs';

// The smallest module with an instruction of relaxed SIMD, i8x16.relaxed_swizzle: a browser that has none says that
// it is no module.
const probe = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // a module,
  1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, // in it one function without arguments whose result is a vector:
  10, 15, 1, 13, 0, 0x41, 1, 0xfd, 15, 0x41, 2, 0xfd, 15, 0xfd, 0x80, 2, 11]);

/// The bytes of '08_engine' or '09_trainer': with relaxed SIMD where the browser and the page have it.
export async function fetchModule(name) {
  if (WebAssembly.validate(probe)) {
    try {
      return await fetchBytes(`modules/${name}_relaxed.wasm`);
    } catch {
      // Then the other one: it does the same, a little slower.
    }
  }
  return fetchBytes(`modules/${name}.wasm`);
}

/// A new engine, as engine.mjs describes it. Throws a sentence where one of its files is missing.
export async function loadEngine() {
  const [{ load_engine }, module, weights] = await Promise.all([
    import(whereIs('modules/engine.mjs')), fetchModule('08_engine'), fetchBytes('data/microgpt.safetensors')]);
  return load_engine(module, weights);
}
