// 27 buttons, one a letter, each with a bar as long as its letter is likely. Their places never
// change, so that one sees what does.
import { make } from './elements.mjs';
import { letterOf, percent } from './picture.mjs';

/// `choose(symbol)` is called with what was pressed, 26 for the end. Returns {element, show}:
/// show(probabilities, drawn) sets the bars; `drawn` is the symbol that came, if one did.
export function letterBars(choose) {
  const items = Array.from({ length: 27 }, (_, symbol) => {
    const bar = make('span', { class: 'bar' });
    const number = make('span', { class: 'percent' });
    const letter = make('span', { class: 'letter', 'aria-hidden': 'true' }, letterOf(symbol));
    const element = make('button', { type: 'button', class: 'letter-bar', onclick: () => choose(symbol) },
      letter, make('span', { class: 'track' }, bar), number);
    return { element, bar, number };
  });
  const element = make('div', { class: 'letter-bars', role: 'group', 'aria-label': 'Choose the next letter yourself' },
    items.map((item) => item.element));
  const show = (probabilities, drawn = null) => {
    const most = Math.max(...probabilities);
    items.forEach(({ element: item, bar, number }, symbol) => {
      const part = probabilities[symbol];
      bar.style.width = `${100 * part}%`;
      number.textContent = percent(part);
      item.classList.toggle('most', part === most);
      item.classList.toggle('drawn', symbol === drawn);
      const name = symbol === 26 ? 'the end' : letterOf(symbol);
      item.setAttribute('aria-label', `${name}, ${percent(part)}${symbol === drawn ? ', this one came' : ''}`);
    });
  };
  const enable = (on) => items.forEach(({ element: item }) => { item.disabled = !on; });
  return { element, show, enable };
}
