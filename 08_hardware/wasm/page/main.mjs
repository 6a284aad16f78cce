// The page: five tabs around one model. This file puts together what the others make:
//
//   state.mjs     seed, temperature, beginning and tab, kept in the address
//   tabs.mjs      the row of tabs; a tab's module is loaded when it is first opened
//   glossary.mjs  words with their explanation, those of the book
//   calls.mjs     asking a worker; worker.mjs answers
//   files.mjs     fetching what lies beside this file; engine_files.mjs chooses modules, and fetches the engine
import { connect } from './calls.mjs';
import { loadEngine } from './engine_files.mjs';
import { fetchBytes, fetchJson } from './files.mjs';
import { loadGlossary } from './glossary.mjs';
import { makeState } from './state.mjs';
import { showTabs } from './tabs.mjs';

const tabs = [
  { name: 'write', title: 'Write' },
  { name: 'train', title: 'Train' },
  { name: 'inside', title: 'Look inside' },
  { name: 'climb', title: 'Climb' },
  { name: 'benchmark', title: 'Benchmark' },
];

/// A sentence for those who listen to the page instead of seeing it.
function announce(text) {
  const place = document.getElementById('announcements');
  place.textContent = '';
  requestAnimationFrame(() => { place.textContent = text; });  // also if it was the same before
}

/// The weights that the engine of the page has: those that come with it, or the visitor's.
///   weights.use(bytes, 'trained here')   throws a sentence, and keeps what there was, if they are none
///   weights.label                        whose they are; '' for those of the page
///   weights.bytes                        the file, once it was changed
///   weights.watch(told)                  told() after each change
function makeWeights(engine) {
  const watchers = new Set();
  const weights = {
    label: '',
    use(bytes, label) {
      engine.load(bytes);
      weights.bytes = bytes;
      weights.label = label;
      for (const told of watchers) told();
    },
    restore: async () => weights.use(await fetchBytes('data/microgpt.safetensors'), ''),
    watch: (told) => watchers.add(told),
  };
  return weights;
}

/// What a tab is given: mount(section, context).
async function makeContext() {
  const [engine, words] = await Promise.all([loadEngine(), fetchJson('data/glossary.json')]);
  const { glossary, prose } = loadGlossary(words);
  return {
    engine,                         // engine.mjs: next(), write(), score(); a token takes it microseconds
    weights: makeWeights(engine),   // whose weights it has, and how to give it others
    state: makeState(tabs.map(({ name }) => name)),
    glossary,                       // glossary('NLL', 'surprise') → an element
    prose,                          // prose('how {surprised:NLL} it is') → a <p>
    announce,
    connect,                        // connect('worker.mjs') → a worker of one's own
    training: connect('worker.mjs'),   // the one that trains, of all tabs
    measuring: connect('worker.mjs'),  // the one that benchmarks
  };
}

async function start() {
  const starting = document.getElementById('starting');
  try {
    const context = await makeContext();
    showTabs(document.querySelector('[role=tablist]'), document.getElementById('main'), tabs, context);
    starting.remove();
  } catch (error) {
    starting.textContent = `The page cannot start: ${error.message}`;
    starting.className = 'fault';
    throw error;
  }
}

start();
