// How surprised the model is by a name, letter by letter, as a table with bars.
import { make } from './elements.mjs';
import { percent } from './picture.mjs';

const mostNats = 8;  // the length of a whole bar; a longer surprise fills it

/// A table for engine.score(); each row is a letter, its probability and its surprise in nats.
export function scoreTable({ nll, letters }) {
  const rows = letters.map(({ letter, probability, nll: nats }) => make('tr', {},
    make('th', { scope: 'row', class: 'scored-letter' }, letter === '.' ? 'end' : letter),
    make('td', { class: 'number' }, percent(probability)),
    make('td', { class: 'number' }, nats.toFixed(2)),
    make('td', { class: 'meter', 'aria-hidden': 'true' },
      make('span', { class: 'bar', style: `width: ${Math.min(100, 100 * nats / mostNats)}%` }))));
  return make('table', { class: 'scores' },
    make('caption', {}, `Mean: ${nll.toFixed(3)} nats a letter`),
    make('thead', {}, make('tr', {},
      make('th', { scope: 'col' }, 'letter'),
      make('th', { scope: 'col', class: 'number' }, 'chance'),
      make('th', { scope: 'col', class: 'number' }, 'nats'),
      make('td', {}))),
    make('tbody', {}, rows));
}
