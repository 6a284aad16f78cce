// Look inside: a name, one token at a time, through the whole model, forwards and backwards.
import { adamCard } from '../adam.mjs';
import { cells } from '../cells.mjs';
import { button, field, make } from '../elements.mjs';
import { fetchBytes, whereIs } from '../files.mjs';
import { steps } from '../inside_steps.mjs';
import { lettersOf } from '../state.mjs';

const heads = 4;
const letterOf = (token) => (token === 26 ? '·' : String.fromCharCode(97 + token));
const called = (letter) => (letter === '·' ? 'the end' : letter);

// With the weights of the page; useWeights() gives it the visitor's.
async function loadInside() {
  const { Inside } = await import(whereIs('modules/inside.mjs'));
  const inside = await Inside.load(await fetchBytes('modules/08_stages.wasm'));
  inside.setWeights(await fetchBytes('data/microgpt.safetensors'));
  return inside;
}

// `fault` says why, if they are none for this tab.
function useWeights(inside, { bytes }, fault) {
  fault.hidden = true;
  try {
    if (bytes) inside.setWeights(bytes);
  } catch (error) {
    fault.textContent = `Look inside keeps the weights it had: ${error.message}.`;
    fault.hidden = false;
  }
}

// What the address says: name, place in it, step, direction.
function readState(state) {
  const now = state.get();
  const name = lettersOf(now.inside_name ?? 'emma');
  const whole = (text, most, otherwise) => (/^\d+$/.test(text ?? '') ? Math.min(Number(text), most) : otherwise);
  return { name, place: whole(now.inside_place, name.length, Math.min(1, name.length)),
           step: whole(now.inside_step, steps.length - 1, steps.length - 1), back: now.inside_back === 'yes' };
}

// The picture of a step, for a name of so many places.
function picture(step, length, places) {
  if (step.layout === 'letters') {
    const letters = Array.from({ length: 27 }, (_, token) => letterOf(token));
    return cells({ columns: 14, rows: 2, label: step.title, above: letters, cell: [22, 22],
                   says: (i) => `${called(letters[i])}:` });
  }
  if (step.layout === 'heads') {
    return cells({ columns: length, rows: heads, label: step.title, above: places, beside: ['1', '2', '3', '4'], cell: [22, 22],
                   says: (i) => `Head ${Math.floor(i / length) + 1}, place ${i % length} (${places[i % length]}):` });
  }
  const wide = step.looks[0] === 'fc1' || step.looks[0] === 'hidden';
  return cells({ columns: 16, rows: wide ? 4 : 1, label: step.title, cell: [20, 24],
                 says: (i) => (step.heads ? `Head ${Math.floor(i / 4) + 1}, number ${i % 4 + 1}:` : `Number ${i + 1}:`) });
}

// The step's numbers at one place.
function numbersAt(step, looks, place, kind) {
  return step.looks.flatMap((name) => {
    const { columns, ...look } = looks.get(name);
    const row = Array.from(look[kind].subarray(place * columns, (place + 1) * columns));
    return step.layout === 'heads' ? row.map((value, s) => (s > place ? NaN : value)) : row;
  });
}

// All steps as cards of a list. show() puts numbers into them; a longer name needs another list.
function makeList(name, prose) {
  const places = ['·', ...name];
  const shown = steps.map((step) => {
    const grid = picture(step, places.length, places);
    const formula = make('code', { class: 'formula' });
    const element = make('li', { class: 'step' },
      step.part ? make('h3', { class: 'step-part' }, step.part) : null,
      make('div', {}, make('h4', {}, step.title), make('p', {}, formula), prose(step.says)), grid.element);
    return { step, grid, formula, element };
  });
  const show = ({ place, step: last, back }, looks, target) => {
    shown.forEach(({ step, grid, formula, element }, i) => {
      element.hidden = back ? i < last : i > last;
      element.classList.toggle('current', i === last);
      formula.textContent = back ? step.back : step.formula;
      grid.show(numbersAt(step, looks, place, back ? 'gradient' : 'value'), {
        scale: step.looks[0] === 'weights0' && !back ? 1 : undefined,
        mark: step.layout === 'letters' ? target : -1,
      });
    });
  };
  return { element: make('ol', { class: 'steps' }, shown.map(({ element }) => element)), show,
           at: (i) => shown[i].element };
}

function makeControls(state, change, { glossary }) {
  const name = make('input', { type: 'text', maxlength: 15, size: 12, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off',
    oninput: () => change({ inside_name: lettersOf(name.value), inside_place: '' }),
    onchange: () => { name.value = readState(state).name; } });  // as it is read: small letters, a to z
  const back = make('select', { onchange: () => change({ inside_back: back.value, inside_step: back.value === 'yes' ? '0' : '' }) },
    make('option', { value: '' }, 'forwards: the numbers'), make('option', { value: 'yes' }, 'backwards: the gradients'));
  const tiles = make('div', { class: 'tiles', role: 'group', 'aria-label': 'The place that is looked at' });
  const go = (by) => {
    const now = readState(state);
    const to = now.step + (now.back ? -by : by);
    if (to >= 0 && to < steps.length) change({ inside_step: String(to) }, to);
  };
  const end = (finish) => {
    const now = readState(state);
    const to = now.back === finish ? 0 : steps.length - 1;
    change({ inside_step: String(to) }, finish ? null : to);
  };
  const first = button('From the start', () => end(false));
  const before = button('Step back', () => go(-1));
  const next = button('Next step', () => go(1), { class: 'main' });
  const all = button('All steps', () => end(true));
  const where = make('p', { class: 'note', 'aria-live': 'polite' });
  const show = (now, { loss, probability, target }) => {
    if (lettersOf(name.value) !== now.name) name.value = now.name;
    back.value = now.back ? 'yes' : '';
    const focused = tiles.contains(document.activeElement);
    tiles.replaceChildren(...['·', ...now.name].map((letter, i) => button(letter, () => change({ inside_place: String(i) }), {
      class: `tile ${i === now.place ? 'given' : ''}`, 'aria-pressed': String(i === now.place),
      'aria-label': i === 0 ? 'place 0, the beginning' : `place ${i}, ${letter}` })));
    if (focused) tiles.children[now.place].focus();
    const made = now.back ? steps.length - now.step : now.step + 1;
    before.disabled = made === 1;
    next.disabled = made === steps.length;
    where.textContent = `Step ${made} of ${steps.length}. After ${now.place === 0 ? 'the beginning' : `“${now.name.slice(0, now.place)}”`} ` +
      `came ${called(letterOf(target))}: probability ${(100 * probability).toFixed(1)}%, loss ${(-Math.log(probability)).toFixed(3)}. ` +
      `The whole name: ${loss.toFixed(4)} nats a letter.`;
  };
  const element = make('div', { class: 'card inside-controls' },
    make('div', { class: 'fields' }, field('A name', name, 'up to 15 letters, a to z'),
      field('Direction', back, [glossary('gradient', 'what a gradient is')])),
    make('p', { class: 'note' }, 'The place that is looked at: press another.'), tiles,
    make('div', { class: 'row' }, first, before, next, all), where);
  return { element, show };
}

/// The tab; see main.mjs for what the context holds.
export async function mount(section, context) {
  const { state, prose, weights } = context;
  const inside = await loadInside();
  const holder = make('div', {});
  const fault = make('p', { class: 'fault', role: 'alert', hidden: true });
  useWeights(inside, weights, fault);
  let list = null, shownName = null, seen = null;
  const refresh = (goTo = null) => {
    const now = readState(state);
    if (now.name !== shownName) {
      seen = inside.look(now.name);
      list = makeList(now.name, prose);
      holder.replaceChildren(list.element);
      shownName = now.name;
    }
    const target = now.place < now.name.length ? now.name.charCodeAt(now.place) - 97 : 26;
    const probability = seen.looks.get('probabilities').value[now.place * 27 + target];
    list.show(now, seen.looks, target);
    controls.show(now, { loss: seen.loss, probability, target });
    if (goTo !== null) list.at(goTo).scrollIntoView({ block: 'nearest' });
  };
  const controls = makeControls(state, (some, goTo = null) => {
    state.set(some);
    refresh(goTo);
  }, context);
  weights.watch(() => {
    useWeights(inside, weights, fault);
    shownName = null;
    refresh();
  });
  state.watch((now) => { if (now.tab === 'inside') refresh(); });
  section.append(
    make('h2', {}, 'Look inside'),
    prose('All that the model computes for one letter of one name. Blue numbers are above zero, orange ones below; point at a cell, or go to a picture with the Tab key and use the arrows, to read them. Backwards, each cell shows the {gradient}: how the {loss} would change if that number grew. It comes from the same C++ as in the book: the model of chapter 6 on the {tape} of chapter 3.'),
    fault, controls.element, holder, await adamCard(context));
  refresh();
}
