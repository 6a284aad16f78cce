// Asking a worker. On the page:
//
//   const worker = connect('worker.mjs');
//   const result = await worker.call('double', 21);
//   const end = worker.on('progress', (what) => …);
//
// and in the worker's file:
//
//   serve({ double: (number) => 2 * number });
//   tell('progress', { steps: 100 });
//
// A message to the worker is {id, name, args}; the answer is {id, result} or {id, error}, and what
// it tells unasked is {event, detail}. An error is a sentence for the visitor.
import { whereIs } from './files.mjs';

/// A worker that runs `file`, which lies beside the page.
export function connect(file) {
  const worker = new Worker(whereIs(file), { type: 'module' });
  const waiting = new Map();
  const listeners = new Map();
  let last = 0;
  worker.onmessage = ({ data }) => {
    if (data.event) {
      for (const told of listeners.get(data.event) ?? []) told(data.detail);
      return;
    }
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) reject(Object.assign(new Error(data.error), data.more));
    else resolve(data.result);
  };
  const fail = () => {
    for (const { reject } of waiting.values()) reject(new Error('the part that computes has stopped; load the page anew'));
    waiting.clear();
  };
  worker.onerror = fail;
  worker.onmessageerror = fail;
  return {
    call(name, ...args) {
      return new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        worker.postMessage({ id: last, name, args });
      });
    },
    on(event, told) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(told);
      return () => listeners.get(event).delete(told);
    },
    close: () => worker.terminate(),
  };
}

/// In a worker: answers calls by these functions, which may be async.
export function serve(functions) {
  self.onmessage = async ({ data: { id, name, args } }) => {
    try {
      if (!Object.hasOwn(functions, name)) throw new Error(`nobody here answers to '${name}'`);
      self.postMessage({ id, result: await functions[name](...args) });
    } catch (error) {
      self.postMessage({ id, error: error.message, more: { step: error.step } });
    }
  };
}

/// In a worker: tells the page something that it did not ask for.
export function tell(event, detail) {
  self.postMessage({ event, detail });
}
