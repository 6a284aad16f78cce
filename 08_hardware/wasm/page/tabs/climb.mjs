// Climb: the six training stages, what each is worth, and four of their programs running here.
import { countRun, descentRun, learnRun } from '../climb_runs.mjs';
import { make } from '../elements.mjs';
import { fetchJson } from '../files.mjs';

const ideas = {
  '01_counting_bigram': 'Count which letter follows which. No learning: the whole {model} is a table of {bigram} counts.',
  '02_neural_bigram': 'The same table, learned: start from nothing, and go downhill along the {gradient} of the {NLL}.',
  '03_autograd': 'The same again, but nobody derives the gradient: a {tape} records the calculation and reads it backwards.',
  '04_mlp': 'Letters become vectors ({embedding}), and a small network ({MLP}) looks at the three letters before.',
  '05_gpt_sgd': '{Attention}: each place looks back at all earlier letters and takes what it needs. This is a GPT.',
  '06_gpt_adam': '{Adam} gives every {parameter} its own step size; four {heads:head} look at four things at once.',
};

function card({ stage, adds, parameters, nll, samples }, run, prose) {
  const number = stage.slice(0, 2);
  return make('li', { class: 'card climb-card', id: `climb-${number}` },
    make('h3', {}, `${number} `, make('span', { class: 'adds' }, adds)),
    prose(ideas[stage]),
    make('dl', { class: 'facts' },
      ...[['NLL, all names', nll.corpus.toFixed(4)], ['held out', nll.held_out.toFixed(4)], ['parameters', parameters.toLocaleString('en')]]
        .map(([what, value]) => make('div', {}, make('dt', {}, what), make('dd', {}, value)))),
    make('ul', { class: 'names', 'aria-label': `Names that stage ${number} made up` }, samples.map((name) => make('li', {}, name))),
    run?.element ?? null);
}

/// The tab; see main.mjs for what the context holds.
export async function mount(section, { prose, announce, connect }) {
  const { stages, corpus } = await fetchJson('data/ladder.json');
  const worker = () => connect('climb/worker.mjs');
  const runs = {
    '01_counting_bigram': countRun(worker(), announce),
    '02_neural_bigram': descentRun(worker(), announce),
    '04_mlp': learnRun(worker(), announce, { stage: 4, title: '04', choices: [20000, 100000, 500000], batch: '32 letters' }),
    '06_gpt_adam': learnRun(worker(), announce, { stage: 6, title: '06', choices: [2000, 10000, 47000], batch: '32 names' }),
  };
  section.addEventListener('hide', () => { for (const run of Object.values(runs)) run.stop(); });
  section.append(
    make('h2', {}, 'Climb'),
    prose('Six programs learn the same names, each with one idea more than the one before. Their number is the {NLL}: how surprised the {model} is by the names, in {nats:nat} a letter; less is better, and knowing nothing is ln 27 = 3.2958. Four of them run here, the same C++ as in the book.'),
    make('p', { class: 'note' }, `NLL and names: seed 42, ${corpus.rows.toLocaleString('en')} names (${corpus.name}). What runs here reads the list that comes with the page, of the same size: its NLLs differ by about 0.0005.`),
    make('ol', { class: 'climb' }, stages.map((stage) => card(stage, runs[stage.stage], prose))));
}
