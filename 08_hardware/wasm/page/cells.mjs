// A picture of numbers: a grid of cells, blue above zero, orange below, the paler the nearer to it (a
// pair that the colour-blind tell apart). The numbers show when a cell is pointed at, or chosen by the
// arrow keys: for a screen reader the picture is a slider whose values are sentences.
import { draw, make } from './elements.mjs';

/// A number as it is shown, four digits of it.
export function shownNumber(value) {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  const text = Math.abs(value) < 1e-3 || Math.abs(value) >= 1e4 ? value.toExponential(2) : value.toPrecision(4);
  return text.replaceAll('-', '−');
}

function colour(value, scale) {
  if (!Number.isFinite(value) || scale === 0) return 'var(--cell-zero)';
  const share = Math.min(100, 100 * Math.sqrt(Math.abs(value) / scale));  // so that small ones are seen too
  return `color-mix(in oklab, var(${value < 0 ? '--cell-minus' : '--cell-plus'}) ${share.toFixed(1)}%, var(--cell-zero))`;
}

const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/// cells({ columns, rows, label, says, above, beside, cell, onchoose }): a picture of columns × rows cells.
///   label     what the picture is, for those who do not see it
///   says      says(i) → the sentence of cell i, without its number
///   above     texts above the cells: one a column, or one a cell
///   beside    texts beside the rows
///   cell      [width, height] of a cell, in the picture's units
/// Returns {element, show(values, { scale, mark })}: `scale` is the number of full colour, `mark` a
/// cell that gets a frame. A number that is not finite is an empty cell.
export function cells({ columns, rows, label, says, above = [], beside = [], cell: [width, height] = [20, 20] }) {
  const headed = above.length > columns;  // each row of cells has texts of its own
  const left = beside.length ? 15 : 1;
  const head = above.length ? 15 : 1;
  const pitch = headed ? height + head : height;
  const place = (i) => [left + (i % columns) * width,
    (headed ? Math.floor(i / columns) * pitch + head : head + Math.floor(i / columns) * height)];
  const total = [left + columns * width + 1, (headed ? rows * pitch : head + rows * height) + 1];
  let values = [];
  let at = 0;
  const readout = make('p', { class: 'readout' }, '\u00a0');
  const marked = draw('rect', { class: 'cell-mark', width: width - 1, height: height - 1, visibility: 'hidden' });
  const chosen = draw('rect', { class: 'cell-chosen', width: width - 1, height: height - 1, visibility: 'hidden' });
  const group = draw('g', {});
  const element = draw('svg', { viewBox: `0 0 ${total[0]} ${total[1]}`, class: 'cells', tabindex: 0, role: 'slider',
    'aria-label': label, style: `max-width: ${(total[0] / 12).toFixed(2)}rem` });
  const put = (rect, i) => {
    rect.setAttribute('x', place(i)[0] + 0.5);
    rect.setAttribute('y', place(i)[1] + 0.5);
  };
  const sentence = (i) => `${says(i)} ${Number.isFinite(values[i]) ? shownNumber(values[i]) : 'nothing'}`;
  const choose = (i) => {
    at = i;
    put(chosen, i);
    chosen.setAttribute('visibility', 'visible');
    element.setAttribute('aria-valuenow', i);
    element.setAttribute('aria-valuetext', sentence(i));
    readout.textContent = sentence(i);
  };
  const leave = () => {
    if (document.activeElement === element) return;
    chosen.setAttribute('visibility', 'hidden');
    readout.textContent = '\u00a0';
  };
  element.addEventListener('keydown', (event) => {
    const last = values.length - 1;
    const [dx, dy] = arrows[event.key] ?? [0, 0];
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? last : at + dx + dy * columns;
    if (!(event.key in arrows) && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    if (next >= 0 && next <= last) choose(next);
  });
  element.addEventListener('focus', () => choose(Math.min(at, values.length - 1)));
  element.addEventListener('blur', leave);
  element.addEventListener('pointermove', ({ target }) => { if (target.dataset?.i) choose(Number(target.dataset.i)); });
  element.addEventListener('pointerleave', leave);
  const show = (shown, { scale, mark = -1 } = {}) => {
    values = shown;
    const most = scale ?? Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
    while (group.childElementCount < values.length) {
      const i = group.childElementCount;
      const rect = draw('rect', { class: 'cell', width: width - 1, height: height - 1, 'data-i': i });
      put(rect, i);
      group.append(rect);
    }
    values.forEach((value, i) => {
      const rect = group.children[i];
      rect.style.fill = colour(value, most);
      rect.classList.toggle('none', !Number.isFinite(value));
    });
    marked.setAttribute('visibility', mark >= 0 ? 'visible' : 'hidden');
    if (mark >= 0) put(marked, mark);
    element.setAttribute('aria-valuemin', 0);
    element.setAttribute('aria-valuemax', values.length - 1);
    element.setAttribute('aria-valuenow', Math.min(at, values.length - 1));
    element.setAttribute('aria-valuetext', sentence(Math.min(at, values.length - 1)));
    if (chosen.getAttribute('visibility') === 'visible') readout.textContent = sentence(at);
  };
  element.append(
    ...above.map((text, i) => draw('text', { class: 'cell-text', x: place(i)[0] + width / 2, y: place(i)[1] - 4,
      'text-anchor': 'middle' }, text)),
    ...beside.map((text, i) => draw('text', { class: 'cell-text', x: left - 4, y: place(i * columns)[1] + height / 2 + 4,
      'text-anchor': 'end' }, text)),
    group, marked, chosen);
  return { element: make('div', { class: 'cells-and-readout' }, element, readout), show };
}
