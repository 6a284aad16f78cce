// The engine with the weights of the page, for whoever needs one: the page, and the worker that measures.
import { fetchBytes, whereIs } from './files.mjs';

/// A new engine, as engine.mjs describes it. Throws a sentence where one of its files is missing.
export async function loadEngine() {
  const [{ load_engine }, module, weights] = await Promise.all([
    import(whereIs('modules/engine.mjs')), fetchBytes('modules/08_engine.wasm'), fetchBytes('data/microgpt.safetensors')]);
  return load_engine(module, weights);
}
