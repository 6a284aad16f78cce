// What Adam does to one weight, step by step: the trainer of stage 9 learns, and this shows its numbers.
import { shownNumber } from './cells.mjs';
import { draw, make, button, field } from './elements.mjs';
import { fetchModule } from './engine_files.mjs';
import { fetchBytes, isThere, whereIs } from './files.mjs';

const options = { seed: 42, lr: 0.01, batch: 16, steps: 2000, beta1: 0.85, beta2: 0.99 };
const epsilon = 1e-8;

async function loadTrainer() {
  const { Trainer } = await import(whereIs('modules/trainer.mjs'));
  const trainer = await Trainer.load(await fetchModule('09_trainer'));
  trainer.setNames(await fetchBytes('data/names.txt'));
  trainer.reset(options);
  return trainer;
}

/// The update of one weight, from what was before the step and the gradient at it:
/// {m, v, mean, square, lr, move, weight}, by the formulas of the book's chapter 6.
export function adamStep({ weight, m, v }, gradient, step) {
  const { beta1, beta2 } = options;
  const after = { m: beta1 * m + (1 - beta1) * gradient, v: beta2 * v + (1 - beta2) * gradient ** 2 };
  const mean = after.m / (1 - beta1 ** step);
  const square = after.v / (1 - beta2 ** step);
  const lr = options.lr * (1 - (step - 1) / options.steps);
  const move = -lr * mean / (Math.sqrt(square) + epsilon);
  return { ...after, mean, square, lr, move, weight: weight + move };
}

// The weight so far, as a line.
function weightLine() {
  const element = draw('svg', { viewBox: '0 0 320 124', class: 'curve', role: 'img' });
  const show = (history) => {
    const weights = history.map(({ weight }) => weight);
    const [least, most] = [Math.min(...weights), Math.max(...weights)];
    const x = (i) => 4 + 312 * i / Math.max(1, weights.length - 1);
    const y = (value) => 104 - 84 * (most > least ? (value - least) / (most - least) : 0.5);
    element.setAttribute('aria-label', `The weight, from ${shownNumber(weights[0])} to ${shownNumber(weights.at(-1))}`);
    element.replaceChildren(draw('path', { class: 'mean', d: weights.map((w, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)} ${y(w).toFixed(1)}`).join('') }),
      draw('text', { x: 4, y: 12 }, shownNumber(most)), draw('text', { x: 4, y: 121 }, shownNumber(least)));
  };
  return { element, show };
}

function sums(before, gradient, after, step) {
  const n = shownNumber;
  return [
    ['gradient g of this step’s loss', n(gradient)],
    ['m = 0.85 m + 0.15 g', `0.85 · ${n(before.m)} + 0.15 · ${n(gradient)} = ${n(after.m)}`],
    ['v = 0.99 v + 0.01 g²', `0.99 · ${n(before.v)} + 0.01 · ${n(gradient ** 2)} = ${n(after.v)}`],
    [`m̂ = m / (1 − 0.85^${step})`, n(after.mean)],
    [`v̂ = v / (1 − 0.99^${step})`, n(after.square)],
    ['weight −= lr · m̂ / (√v̂ + 0.00000001)', `${n(before.weight)} ${after.move < 0 ? '−' : '+'} ${n(Math.abs(after.move))} = ${n(after.weight)}`],
  ];
}

/// The card. Where the trainer is not there, it says so.
export async function adamCard({ prose, announce }) {
  const head = [make('h3', {}, 'What Adam does to one weight'),
    prose('{Adam} gives every {parameter} a step size of its own: it goes by the running mean m of the {gradient}, divided by the root of the running mean v of its square. A new model learns here, 16 names a step; choose one of its numbers and watch.')];
  if (!(await isThere('modules/09_trainer.wasm'))) {
    return make('div', { class: 'card' }, head, make('p', { class: 'note' }, 'The trainer’s module is not part of this copy of the page.'));
  }
  let trainer = null;
  let history = [];
  const which = make('select', {});
  const [row, column] = [0, 1].map((value) => make('input', { type: 'number', min: 0, value, step: 1 }));
  const rows = make('tbody', {});
  const where = make('p', { class: 'note' }, 'No step yet.');
  const line = weightLine();
  const figure = make('figure', { hidden: true }, line.element, make('figcaption', {}, 'The weight, step by step'));
  const cell = () => {
    const tensor = trainer.tensors().find(({ name }) => name === which.value);
    const within = (input, most) => Math.min(Math.max(0, Math.round(Number(input.value)) || 0), most - 1);
    const [i, j] = [within(row, tensor.shape[0]), within(column, tensor.shape[1])];
    [row.value, column.value] = [i, j];
    [row.max, column.max] = [tensor.shape[0] - 1, tensor.shape[1] - 1];
    return i * tensor.shape[1] + j;
  };
  const read = (at) => {
    const of = (kind) => trainer.tensors(kind).find(({ name }) => name === which.value).values[at];
    return { weight: of('weights'), gradient: of('gradient'), m: of('mean'), v: of('square') };
  };
  const begin = () => {
    trainer.reset(options);
    history = [{ weight: read(cell()).weight }];
    rows.replaceChildren();
    figure.hidden = true;
    where.textContent = `No step yet. The weight is ${shownNumber(history[0].weight)}.`;
  };
  const go = (count) => {
    const at = cell();
    for (let i = 0; i < count; ++i) {
      const before = read(at);
      const [loss] = trainer.step(1);
      if (loss === undefined) {
        where.textContent = `The run of ${options.steps.toLocaleString('en')} steps is at its end; begin again.`;
        return;
      }
      const now = read(at);
      history.push({ weight: now.weight, loss });
      if (i < count - 1) continue;
      const after = adamStep(before, now.gradient, trainer.steps);
      rows.replaceChildren(...sums(before, now.gradient, after, trainer.steps).map(([what, value]) =>
        make('tr', {}, make('th', { scope: 'row' }, what), make('td', {}, value))));
      where.textContent = `Step ${trainer.steps.toLocaleString('en')}, loss ${loss.toFixed(3)}, learning rate ${after.lr.toFixed(5)}. ` +
        `The trainer’s weight is ${shownNumber(now.weight)}.`;
    }
    figure.hidden = false;
    line.show(history);
    announce(where.textContent);
  };
  const load = async () => {
    trainer ??= await loadTrainer();
    which.append(...trainer.tensors().map(({ name }) => make('option', { value: name }, name)));
    which.value = 'layer0.attn_wq';
    begin();
  };
  await load();
  for (const input of [which, row, column]) input.addEventListener('change', begin);
  const buttons = [[1, 'One step'], [10, '10 steps'], [100, '100 steps']].map(([count, text], i) =>
    button(text, () => go(count), i === 0 ? { class: 'main' } : {}));
  return make('div', { class: 'card adam' }, head,
    make('div', { class: 'fields' }, field('Tensor', which), field('Row', row), field('Column', column)),
    make('div', { class: 'row' }, buttons, button('Begin again', begin)), where,
    make('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'The last step’s sums' }, make('table', {}, rows)), figure);
}
