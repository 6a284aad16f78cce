// Train: a model learns in this tab, by stage 9's trainer, in a worker.
import { lossCurve } from '../curve.mjs';
import { button, field, make } from '../elements.mjs';
import { download } from '../files.mjs';

const paces = [['10', 10], ['100', 100], ['1,000', 1000], ['as fast as it can', Infinity]];

// What is known of the run so far, and the elements that show it.
function makeRun(training, announce) {
  const curve = lossCurve();
  const [steps, heldOut, state] = ['0', '–', ''].map((text) => make('dd', {}, text));
  const table = make('tbody', {});
  let run = { losses: [], heldOut: [], steps: 10000 };
  let waiting = false;
  const redraw = () => {  // once a frame at most, and none while the tab is away
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      curve.show(run);
    });
  };
  const element = make('div', {},
    make('dl', { class: 'facts' },
      make('div', {}, make('dt', {}, 'steps'), steps),
      make('div', {}, make('dt', {}, 'held-out NLL'), heldOut),
      make('div', {}, make('dt', {}, 'now'), state)),
    make('figure', {}, curve.element,
      make('figcaption', {}, 'Nats a letter: each step (pale), the mean of the last hundred (line), names it never learns from (dots).')));
  const names = make('div', { class: 'wide progress', tabindex: 0, role: 'region', 'aria-label': 'Names as it learns' },
    make('table', { class: 'progress-names' },
      make('thead', {}, make('tr', {}, ['steps', 'held-out NLL', 'names it makes up'].map((text) => make('th', { scope: 'col' }, text)))),
      table));
  training.on('names', (told) => {
    heldOut.textContent = told.heldOut.toFixed(4);
    run.heldOut.push([told.steps, told.heldOut]);
    table.prepend(make('tr', {}, make('td', { class: 'number' }, told.steps.toLocaleString('en')),
      make('td', { class: 'number' }, told.heldOut.toFixed(3)), make('td', { class: 'made' }, told.names.join(' '))));
    if (told.steps % 1000 === 0 && told.steps > 0) announce(`${told.steps} steps, held-out NLL ${told.heldOut.toFixed(2)}`);
    redraw();
  });
  training.on('begun', (told) => {
    run = { losses: [], heldOut: [], steps: told.steps };
    table.replaceChildren();
    redraw();
  });
  new ResizeObserver(redraw).observe(element);
  return {
    element, names,
    add(told) {
      run.losses.push(...told.losses);
      steps.textContent = told.steps.toLocaleString('en');
      state.textContent = told.running ? 'learning' : told.ended || (told.steps > 0 ? 'paused' : 'ready');
      redraw();
    },
  };
}

// Buttons that say what can be done now.
function makeButtons(act) {
  const start = button('Start', () => act(start.dataset.does), { class: 'main' });
  const stop = button('Stop', () => act('stop'));
  const reset = button('Reset', () => act('reset'));
  return {
    element: make('div', { class: 'row' }, start, stop, reset),
    show({ running, ended, steps }) {
      start.dataset.does = running ? 'pause' : 'start';
      start.textContent = running ? 'Pause' : steps > 0 ? 'Go on' : 'Start';
      start.disabled = Boolean(ended);
      stop.disabled = Boolean(ended) || steps === 0;
    },
  };
}

// Learning rate, batch and pace, at any time; seed and steps count from the next reset.
function makeSettings(training, say, { glossary }) {
  const number = (value, more) => make('input', { type: 'number', value, ...more });
  const inputs = {
    lr: number(0.01, { min: 0.0001, max: 10, step: 'any' }),
    batch: number(16, { min: 1, max: 512, step: 1 }),
    steps: number(10000, { min: 100, max: 200000, step: 100 }),
    seed: number(42, { min: 0, max: 0xffffffff, step: 1 }),
  };
  const pace = make('select', {}, paces.map(([text, value]) => make('option', { value }, text)));
  pace.value = '1000';
  const change = (name) => {
    if (Number.isFinite(inputs[name].valueAsNumber)) say(training.call('setPace', { [name]: inputs[name].valueAsNumber }));
  };
  inputs.lr.addEventListener('change', () => change('lr'));
  inputs.batch.addEventListener('change', () => change('batch'));
  pace.addEventListener('change', () => say(training.call('setPace', { perSecond: Number(pace.value) })));
  const element = make('div', { class: 'fields' },
    field('Steps a second', pace),
    field('Learning rate', inputs.lr, glossary('learning rate', 'what it is')),
    field('Names in a batch', inputs.batch, glossary('batch', 'what it is')),
    field('Steps in all', inputs.steps, 'from the next reset'),
    field('Seed', inputs.seed, 'from the next reset'));
  const options = () => Object.fromEntries(Object.entries(inputs)  // an empty field is as it was
    .map(([name, input]) => [name, input.valueAsNumber]).filter(([, value]) => Number.isFinite(value)));
  return { element, options };
}

// A visitor's file, by a button or dropped.
function fileButton(text, accept, take) {
  const input = make('input', { type: 'file', accept, class: 'visually-hidden', onchange: () => {
    const [file] = input.files;
    input.value = '';  // so that the same file can be chosen again
    if (file) take(file);
  } });
  return make('label', { class: 'file-button' }, text, input);
}

function takeDrops(place, take) {
  place.addEventListener('dragover', (event) => {
    event.preventDefault();
    place.classList.add('over');
  });
  place.addEventListener('dragleave', () => place.classList.remove('over'));
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    place.classList.remove('over');
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}

function describe({ counts, letters }) {
  const skipped = counts.tooLong > 0 ? ` ${counts.tooLong.toLocaleString('en')} were too long and left out.` : '';
  return `${counts.train.toLocaleString('en')} names to learn from, ${counts.heldOut.toLocaleString('en')} held out, ` +
    `${letters.length} letters.${skipped}`;
}

// Files in and out.
function makeFiles(context, { training, say, about, renew, options }) {
  const { weights, state } = context;
  const takeNames = async (file) => {
    const told = await say(training.call('useNames', file, options()), `cannot learn from ${file.name}`);
    if (told) renew(told, `The names of ${file.name}: `);
  };
  const takeWeights = async (file) => {
    const told = await say(training.call('useWeights', file), `cannot use ${file.name}`);
    if (told) renew(told, `The weights of ${file.name}: `);
  };
  const take = (file) => (/\.safetensors$/i.test(file.name) ? takeWeights(file) : takeNames(file));
  const element = make('div', { class: 'card drop' }, make('h3', {}, 'Your own names, your own weights'),
    context.prose('Drop a text file here, one word a line, and the model learns those words: towns, plants, pupils. {Weights} come and go as a safetensors file, which the programs of stages 6 to 9 read.'),
    about,
    make('div', { class: 'row' },
      fileButton('Learn from a text file', '.txt,.csv,text/plain', takeNames),
      button('The page’s names', async () => {
        const told = await say(training.call('useOwnNames', options()));
        if (told) renew(told, '');
      }),
      fileButton('Load weights', '.safetensors', takeWeights),
      button('Download the weights', async () => {
        const bytes = await say(training.call('weights'));
        if (bytes) download('microgpt.safetensors', bytes);
      }),
      button('Write with these weights', async () => {
        const bytes = await say(training.call('weights'));
        const taken = bytes && await say((async () => { weights.use(bytes, 'trained in this tab'); return true; })());
        if (taken) state.set({ tab: 'write' });
      })));
  takeDrops(element, take);
  return element;
}

/// The tab; see main.mjs for what the context holds.
export async function mount(section, context) {
  const { training, prose, announce } = context;
  section.append(make('h2', {}, 'Train it here'),
    prose('A new model knows nothing: its {parameters:parameter} are random. It is shown a few names, and each of its numbers is moved a little so that they would surprise it less. That is a step. Thousands of them make it write names.'));
  const trouble = make('p', { class: 'fault', role: 'alert', hidden: true });
  // Awaits a call; if it failed, shows its sentence and returns null.
  const say = async (promise, what = '') => {
    trouble.hidden = true;
    try {
      return await promise ?? true;
    } catch (error) {
      trouble.textContent = `${what ? `${what}: ` : ''}${error.message.replace(/\.$/, '')}.`;
      trouble.textContent = trouble.textContent[0].toUpperCase() + trouble.textContent.slice(1);
      trouble.hidden = false;
      return null;
    }
  };
  section.append(trouble);
  const run = makeRun(training, announce);
  const settings = makeSettings(training, say, context);
  const about = make('p', { class: 'note', role: 'status' });
  const buttons = makeButtons(async (does) => {
    const told = await say(training.call(does, ...(does === 'reset' ? [settings.options()] : [])));
    if (told) announce({ start: 'learning', pause: 'paused', stop: 'stopped', reset: 'a new model' }[does]);
  });
  training.on('progress', (told) => {
    run.add(told);
    buttons.show(told);
    if (told.ended.endsWith('.')) say(Promise.reject(new Error(told.ended)));
  });
  const told = await say(training.call('prepare'));
  if (!told) return;
  buttons.show({ running: false, ended: '', steps: 0 });
  const renew = (now, from) => { about.textContent = from + describe(now); };
  about.textContent = describe(told);
  await say(training.call('setPace', { perSecond: 1000 }));
  section.append(
    make('div', { class: 'card' }, buttons.element, settings.element, run.element),
    make('div', { class: 'card' }, make('h3', {}, 'What it writes as it learns'),
      prose('The {held out:held out} names are an examination: it never learns from them. 3.3 is guessing blindly, 2.45 is what counting pairs of letters reaches.'), run.names),
    makeFiles(context, { training, say, about, renew, options: settings.options }));
}
