// What the tab 'Write' shows follows from the state alone, so that a link shows the same: the name
// that the engine writes from this seed, temperature and beginning, as far as it is shown.

/// The most letters that a name has.
export const longest = 16;

/// `state.nth` is which name of the seed, from 1; `state.letters` how many letters of it were asked
/// for, the end among them; `state.ended` says that the visitor ended it behind its beginning. The
/// beginning is always shown. Returns {name, shown, nth, done}.
export function pictureOf(engine, { seed, temperature, beginning, nth, letters, ended }) {
  if (ended) return { name: beginning, shown: beginning, nth: 0, done: true };
  const which = Math.min(1000, Math.max(1, Math.round(Number(nth)) || 1));
  const name = engine.write({ seed, temperature, count: which, beginning })[which - 1];
  const asked = Math.max(beginning.length, Math.round(Number(letters)) || 0);
  return { name, shown: name.slice(0, asked), nth: which, done: asked > name.length || asked >= longest };
}

/// A part as people write it: 23%, 0.4%, less than 0.1%.
export function percent(part) {
  if (part >= 0.0995) return `${(100 * part).toFixed(0)}%`;
  if (part >= 0.001) return `${(100 * part).toFixed(1)}%`;
  return part > 0 ? '<0.1%' : '0%';
}

/// Symbol 0 is 'a', 26 the end.
export function letterOf(symbol) {
  return symbol === 26 ? '·' : String.fromCharCode(97 + symbol);
}
