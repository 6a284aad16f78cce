// The programs of stages 01, 02, 04 and 06, running in the tab: for each a place with a picture, its
// names, and a button that starts and stops it.
import { cells } from './cells.mjs';
import { draw, make, button, field } from './elements.mjs';

const letterOf = (token) => (token === 26 ? '·' : String.fromCharCode(97 + token));
const letters = Array.from({ length: 27 }, (_, token) => letterOf(token));
const thousands = (number) => number.toLocaleString('en');
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/// A table of pairs, 27 × 27: rows are letters, columns what follows.
export function pairTable(label, unit) {
  return cells({ columns: 27, rows: 27, label, above: letters, beside: letters, cell: [15, 15],
                 says: (i) => `${letters[i % 27]} after ${letters[Math.floor(i / 27)]}, ${unit}:` });
}

/// A curve of losses. show([[step, loss], …], { steps, floor, logarithmic }): `floor` is a dashed line.
export function curve(label) {
  const element = draw('svg', { class: 'curve climb-curve', role: 'img', 'aria-label': label });
  const show = (points, { steps, floor = null, logarithmic = false }) => {
    if (points.length === 0) return;
    const width = element.clientWidth || 640;  // drawn for its place, so that its words are not too small
    const [left, right, top, bottom, height] = [36, width - 6, 10, 170, 200];
    const losses = points.map(([, loss]) => loss);
    const low = Math.min(floor ?? Infinity, ...losses) - 0.03;
    const high = Math.max(3.35, losses[0]);
    const x = (step) => left + (right - left) * (logarithmic ? Math.log(step + 1) / Math.log(steps + 1) : step / steps);
    const y = (loss) => top + (bottom - top) * (high - Math.min(high, loss)) / (high - low);
    const marks = [2, 2.5, 3].filter((nats) => nats > low).flatMap((nats) => [
      draw('line', { class: 'grid', x1: left, x2: right, y1: y(nats), y2: y(nats) }),
      draw('text', { x: left - 6, y: y(nats) + 5, 'text-anchor': 'end' }, nats.toFixed(1))]);
    element.setAttribute('viewBox', `0 0 ${width} ${height}`);
    element.setAttribute('aria-label', `${label}: from ${losses[0].toFixed(3)} to ${losses.at(-1).toFixed(3)} nats a letter`);
    element.replaceChildren(...marks,
      draw('text', { x: left, y: height - 6 }, '0'), draw('text', { x: right, y: height - 6, 'text-anchor': 'end' }, `${thousands(steps)} steps`),
      ...(floor === null ? [] : [draw('line', { class: 'floor', x1: left, x2: right, y1: y(floor), y2: y(floor) })]),
      draw('path', { class: 'mean', d: points.map(([step, loss], i) => `${i ? 'L' : 'M'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`).join('') }));
  };
  return { element, show };
}

// What all of them have: a line that says how it stands, names, a button. `work(going)` runs until it is
// done or going() is false.
function runner({ title, work, announce, picture, more = [] }) {
  const status = make('p', { class: 'note' }, 'Not started.');
  const names = make('ul', { class: 'names', 'aria-label': `Names of stage ${title}` });
  const fault = make('p', { class: 'fault', role: 'alert', hidden: true });
  let running = 0;  // the run's number; 0 while none
  let last = 0;
  const stop = () => { running = 0; };
  const start = async () => {
    const mine = running = ++last;
    go.textContent = 'Stop';
    fault.hidden = true;
    try {
      await work(() => running === mine);
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
    if (running === mine || running === 0) {
      running = 0;
      go.textContent = 'Run it here';
      announce(`Stage ${title}: ${status.textContent}`);
    }
  };
  const go = button('Run it here', () => (running ? stop() : start()), { 'aria-label': `Stage ${title}: run or stop` });
  const element = make('div', { class: 'run' },
    make('div', { class: 'fields' }, more, go), fault, status, names, make('figure', { hidden: true }, picture));
  const figure = element.querySelector('figure');
  return {
    element, stop,
    say(text) { status.textContent = text; },
    names(made) { names.replaceChildren(...made.map((name) => make('li', {}, name || '(empty)'))); },
    open() { figure.hidden = false; },
  };
}

/// 01: the table fills as it counts.
export function countRun(worker, announce) {
  const table = pairTable('How often a letter follows another', 'times');
  const run = runner({ title: '01', announce, picture: [table.element, make('figcaption', {}, 'A row is a letter, a column the one that follows; · is the beginning and the end. The stronger, the more often.')],
    async work(going) {
      await worker.call('resetCount');
      run.open();
      for (let part = 0; going(); ++part) {
        // Few names at first: so one sees each of them arrive.
        const { names, of, table: counts, nll, made } = await worker.call('count', calm() ? 40000 : Math.ceil(1.16 ** part));
        table.show(Array.from(counts));
        run.say(`${thousands(names)} of ${thousands(of)} names counted. NLL of these names, by counts plus one: ${nll.toFixed(4)}`);
        run.names(made);
        if (names === of) return;
        await pause(60);
      }
    } });
  return run;
}

/// 02: downhill on the same table. The run is computed at once, and shown step by step.
export function descentRun(worker, announce) {
  const table = pairTable('How likely a letter follows another', 'probability');
  const losses = curve('The loss of stage 02');
  const lr = make('input', { type: 'number', min: 0.01, max: 100, step: 'any', value: 3 });
  const slider = make('input', { type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Step that is shown', oninput: () => show(Number(slider.value)) });
  let seen = null;
  const show = async (i) => {
    const of = seen;
    slider.value = i;
    slider.setAttribute('aria-valuetext', `step ${of.steps[i]}`);
    losses.show(of.points.slice(0, i + 1), { steps: of.losses.length - 1 || 1, floor: of.optimum, logarithmic: true });
    table.show(Array.from(of.tables[i]), { scale: 1 });
    const made = await worker.call('drawTable', i);
    if (of !== seen || Number(slider.value) !== i) return;
    run.names(made);
    const loss = of.losses[of.steps[i]];
    run.say(`Step ${thousands(of.steps[i])}: NLL ${loss.toFixed(4)}, ${(loss - of.optimum).toFixed(5)} above the counts’ own optimum` +
            `${of.diverged && i === of.steps.length - 1 ? '. Steps this long jump across the valley: it diverged' : ''}.`);
  };
  const run = runner({ title: '02', announce, more: field('Learning rate', lr, 'try 8'),
    picture: [losses.element, slider, table.element, make('figcaption', {}, 'All letters begin equally likely. The steps are drawn on a logarithmic scale; move the slider to see any of them again.')],
    async work(going) {
      const found = await worker.call('descend', { steps: 5000, lr: lr.valueAsNumber });
      const points = found.steps.map((step) => [step, found.losses[step]]).filter(([, loss]) => Number.isFinite(loss));
      seen = { ...found, points, tables: found.tables.slice(0, points.length), steps: found.steps.slice(0, points.length) };
      slider.max = points.length - 1;
      run.open();
      for (let i = calm() ? points.length - 1 : 0; i < points.length && going(); ++i) {
        await show(i);
        await pause(60);
      }
    } });
  return run;
}

// Means of so many losses, so that the curve is a line and not a cloud.
function thin(losses, count = 200) {
  const group = Math.max(1, Math.floor(losses.length / count));
  const points = [];
  for (let i = 0; i + group <= losses.length; i += group) {
    points.push([i + group, losses.slice(i, i + group).reduce((sum, loss) => sum + loss, 0) / group]);
  }
  return points;
}

/// 04 and 06 learn by their own recipes, in fewer steps; `choices` are numbers of steps, the recipe's last.
export function learnRun(worker, announce, { stage, title, choices, batch }) {
  const losses = curve(`The loss of stage ${title}`);
  const steps = make('select', {}, choices.map((count, i) =>
    make('option', { value: count }, `${thousands(count)}${i === choices.length - 1 ? ', the whole recipe' : ''}`)));
  const run = runner({ title, announce, more: field('Steps', steps),
    picture: [losses.element, make('figcaption', {}, `Loss of the batches, ${batch} at a step; names by the seed 42, as they get better.`)],
    async work(going) {
      const planned = Number(steps.value);
      const parameters = await worker.call('begin', { stage, seed: 42, steps: planned });
      run.open();
      const all = [];
      let drawn = 0;
      for (let more = null; going() && more?.length !== 0;) {
        more = await worker.call('learn');
        all.push(...more);
        losses.show(thin(all), { steps: planned });
        if (performance.now() - drawn < 700 && all.length < planned) continue;
        drawn = performance.now();
        const recent = all.slice(-200);
        const mean = recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
        run.say(`Step ${thousands(all.length)} of ${thousands(planned)}, ${thousands(parameters)} parameters. Loss of the last ${recent.length} batches: ${mean.toFixed(3)}`);
        run.names(await worker.call('draw', stage));
      }
      run.names(await worker.call('draw', stage));
      run.say(`After ${thousands(all.length)} steps: NLL of all names ${(await worker.call('nll')).toFixed(4)}.`);
    } });
  return run;
}
