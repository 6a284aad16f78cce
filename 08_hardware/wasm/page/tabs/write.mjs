// Write: a name, letter by letter, with what the model expects and what its heads look at.
import { button, field, make } from '../elements.mjs';
import { headPictures } from '../heads.mjs';
import { letterBars } from '../letter_bars.mjs';
import { letterOf, longest, pictureOf } from '../picture.mjs';
import { scoreTable } from '../scored.mjs';
import { lettersOf } from '../state.mjs';

// What a name begins with anew, whatever else changes.
const fresh = { letters: '', nth: '', ended: '' };

// The fields that are kept in the address.
function makeFields(state, glossary) {
  const plain = { autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' };
  const beginning = make('input', { type: 'text', maxlength: 15, size: 12, ...plain,
    oninput: () => state.set({ ...fresh, beginning: lettersOf(beginning.value) }) });
  const temperature = make('input', { type: 'range', min: 0, max: 2, step: 0.05,
    oninput: () => state.set({ temperature: Number(temperature.value) }) });
  const seed = make('input', { type: 'number', min: 0, max: 0xffffffff, step: 1,
    onchange: () => state.set({ seed: seed.value, nth: '' }) });
  const shown = make('span', { class: 'value' });
  const show = (now) => {
    if (lettersOf(beginning.value) !== now.beginning) beginning.value = now.beginning;
    temperature.value = now.temperature;
    shown.textContent = now.temperature.toFixed(2);
    seed.value = now.seed;
  };
  const element = make('div', { class: 'fields' },
    field('Type a beginning', beginning, 'up to 15 letters, a to z'),
    field(['Temperature ', shown], temperature, ['low: likely names, high: odd ones; ', glossary('temperature', 'what it does')]),
    field('Seed', seed, [glossary('seed', 'what it is')]));
  return { element, show };
}

// The letters so far, large.
function showTiles(place, { shown, name, done }, beginning) {
  const tiles = ['·', ...shown].map((letter, i) =>
    make('span', { class: i === 0 ? 'tile edge' : i <= beginning.length ? 'tile given' : 'tile' }, letter));
  tiles.push(done ? make('span', { class: 'tile edge' }, shown.length < longest ? '·' : '') : make('span', { class: 'tile next' }, '?'));
  place.replaceChildren(make('span', { class: 'visually-hidden' },
    done ? `The name is ${name}.` : `So far: ${shown || 'nothing'}.`),
  make('span', { 'aria-hidden': 'true', class: 'tiles' }, tiles));
}

// Name and letters, and what can be done with them.
function makeWriter(context) {
  const { engine, state, announce, prose } = context;
  const place = make('div', { class: 'writing', role: 'group', 'aria-label': 'The name so far' });
  const bars = letterBars((symbol) => {
    const { shown } = pictureOf(engine, state.get());
    if (symbol === 26) state.set({ ...fresh, beginning: shown, ended: 'yes' });
    else state.set({ ...fresh, beginning: shown + letterOf(symbol) });
  });
  const heads = make('div', { class: 'heads' });
  const next = button('Next letter', () => {
    const { shown, done, nth } = pictureOf(engine, state.get());
    state.set(done ? { ...fresh, nth: nth + 1 } : { letters: shown.length + 1 });
    const now = pictureOf(engine, state.get());
    announce(now.done ? `The name is ${now.name}` : now.shown.at(-1) ?? 'A new name');
  }, { class: 'main' });
  const rest = button('Whole name', () => {
    const { done, nth } = pictureOf(engine, state.get());
    state.set({ ...fresh, nth: done ? nth + 1 : nth, letters: longest + 1 });
    announce(`The name is ${pictureOf(engine, state.get()).name}`);
  });
  const again = button('Begin again', () => state.set({ ...fresh, beginning: '' }));
  const show = (now) => {
    const picture = pictureOf(engine, now);
    const { shown, done, name } = picture;
    showTiles(place, picture, now.beginning);
    next.textContent = done ? 'Next name' : 'Next letter';
    const before = shown.slice(0, longest - 1);
    const { probabilities, attention } = engine.next(before, now.temperature);
    const came = done ? (name.length < longest ? 26 : name.charCodeAt(longest - 1) - 97) : null;
    bars.show(probabilities, came);
    bars.enable(!done && shown.length < 15);
    heads.replaceChildren(...headPictures(before, attention));
  };
  const writing = make('div', { class: 'card' }, place, make('div', { class: 'row' }, next, rest, again));
  const letters = make('div', { class: 'card' }, make('h3', {}, 'Which letter comes next?'),
    prose('How likely the model finds each letter, at this {temperature}. One is drawn by chance, or press the one you want. The dot is the end of the name.'),
    bars.element);
  const looking = make('div', { class: 'card' }, make('h3', {}, 'What the four heads look at'),
    prose('{Attention} looks back: each of four {heads:head} spreads its attention over the letters so far, all bars of a head together 100%. The dot is the beginning.'),
    heads);
  return { writing, letters, looking, show };
}

// Ten names of the seed.
function makeTen({ engine, state, announce, prose }) {
  const list = make('ol', { class: 'names', 'aria-label': 'Names' });
  const show = () => {
    const { seed, temperature, beginning } = state.get();
    const names = engine.write({ seed, temperature, beginning, count: 10 });
    list.replaceChildren(...names.map((name) => make('li', {}, name)));
    return names;
  };
  const another = button('Another seed', () => {
    state.set({ seed: state.get().seed + 1, nth: '' });
    announce(show().join(', '));
  });
  const ten = button('Ten names', () => announce(show().join(', ')));
  const element = make('div', { class: 'card' }, make('h3', {}, 'Ten names'),
    prose('The same {seed} always gives the same names, here and in every program of this project.'),
    make('div', { class: 'row' }, ten, another), list);
  const refresh = () => { if (list.children.length > 0) show(); };
  return { element, refresh };
}

// The price of a name.
function makeScore({ engine, state, prose }) {
  const input = make('input', { type: 'text', maxlength: 40, size: 16, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });
  const place = make('div', { class: 'scored', 'aria-live': 'polite' });
  const show = (typed) => {
    if (typed.trim() === '') {
      place.replaceChildren();
      return;
    }
    try {
      place.replaceChildren(scoreTable(engine.score(typed)));
    } catch (error) {
      place.replaceChildren(make('p', { class: 'fault' }, `${error.message}.`));
    }
  };
  input.addEventListener('input', () => state.set({ score: input.value.trim() }));
  const refresh = (now) => {
    const typed = now.score ?? 'emma';
    if (input.value.trim() !== typed) input.value = typed;
    show(typed);
  };
  const element = make('div', { class: 'card' }, make('h3', {}, 'How surprising is a name?'),
    prose('Each letter costs as many {nats:nat} as the model is surprised by it, and the mean is the {NLL}. A model that knows nothing pays 3.30 for each.'),
    make('div', { class: 'fields' }, field('A name', input)), place);
  return { element, refresh };
}

/// The tab; see main.mjs for what the context holds.
export async function mount(section, context) {
  const { state, weights, glossary, prose } = context;
  section.append(make('h2', {}, 'Write names'),
    prose('The model knows one thing: which letter may come next. It reads the letters so far, gives every letter a probability, and draws one. Again and again, until the name ends.'));
  const fields = makeFields(state, glossary);
  section.append(fields.element);
  const model = make('p', { class: 'note', role: 'status' });
  const writer = makeWriter(context);
  const ten = makeTen(context);
  const score = makeScore(context);
  section.append(model, writer.writing, make('div', { class: 'columns' },
    make('div', {}, writer.letters, ten.element), make('div', {}, writer.looking, score.element)));
  const showModel = () => model.replaceChildren(...(weights.label ?
    [`These are the weights ${weights.label}. `, button('The page’s own again', () => weights.restore())] : []));
  const show = (now) => {
    fields.show(now);
    writer.show(now);
    showModel();
    ten.refresh();
    score.refresh(now);
  };
  show(state.get());
  state.watch((now) => { if (now.tab === 'write') show(now); });
  section.addEventListener('show', () => show(state.get()));
  weights.watch(() => show(state.get()));
}
