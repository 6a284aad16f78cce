// What a link to the page holds: #tab=write&seed=42&temperature=0.5&beginning=em. Whoever opens it
// sees the same picture. A tab may keep words of its own in it, under a name that begins with its own.

const numbers = {
  seed: { otherwise: 42, least: 0, most: 0xffffffff, whole: true },
  temperature: { otherwise: 0.5, least: 0, most: 2, whole: false },
};

function readNumber(text, { otherwise, least, most, whole }) {
  const value = Number(text);
  if (text === null || text.trim() === '' || !Number.isFinite(value)) return otherwise;
  const within = Math.min(most, Math.max(least, value));
  return whole ? Math.round(within) : within;
}

/// The letters of a text that the model has, in lower case: at most 15.
export function lettersOf(text) {
  return text.toLowerCase().replace(/[^a-z]/g, '').slice(0, 15);
}

/// What an address says; what is missing or makes no sense is as it is on a first visit.
export function readHash(hash, tabs) {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const state = Object.fromEntries(words);
  for (const [name, range] of Object.entries(numbers)) state[name] = readNumber(words.get(name), range);
  state.beginning = lettersOf(words.get('beginning') ?? '');
  if (!tabs.includes(state.tab)) state.tab = tabs[0];
  return state;
}

/// And back.
export function writeHash(state) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== '' && value !== null && value !== undefined) words.set(name, String(value));
  }
  return `#${words}`;
}

/// The state of the page, in step with the address:
///   state.get()              {tab, seed, temperature, beginning, …}
///   state.set({ seed: 7 })   changes some of it, and tells everybody
///   state.watch(told)        told(now, before) after each change; returns a function that ends it
/// Another tab is a step for the browser's back button, another seed is not.
export function makeState(tabs) {
  let now = readHash(location.hash, tabs);
  const watchers = new Set();
  const change = (next) => {
    const before = now;
    now = next;
    for (const told of watchers) told({ ...now }, before);
  };
  history.replaceState(null, '', writeHash(now));
  window.addEventListener('popstate', () => change(readHash(location.hash, tabs)));
  return {
    get: () => ({ ...now }),
    set(some) {
      const next = readHash(writeHash({ ...now, ...some }), tabs);
      if (writeHash(next) === writeHash(now)) return;
      history[next.tab === now.tab ? 'replaceState' : 'pushState'](null, '', writeHash(next));
      change(next);
    },
    watch(told) {
      watchers.add(told);
      return () => watchers.delete(told);
    },
  };
}
