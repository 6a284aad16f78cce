// Train: it learns, waits, goes on, ends, and its weights leave and come back.
import { readFileSync } from 'node:fs';
import { check, press, run, same } from './driver.mjs';

const fact = (tab, name) => tab.locator('.facts div', { has: tab.getByText(name, { exact: true }) }).locator('dd').innerText();
const steps = async (tab) => Number((await fact(tab, 'steps')).replace(/,/g, ''));
const now = (tab, text) => tab.locator('.facts dd', { hasText: text }).waitFor();
const rows = (tab) => tab.locator('.progress-names tbody tr');

const fetched = [];

await run(async ({ open }) => {
  const tab = await open('#tab=train', { fetched });
  await press(tab, 'Start');
  await rows(tab).nth(1).waitFor();
  await press(tab, 'Pause');
  await now(tab, 'paused');
  const paused = await steps(tab);
  check('some steps were made', paused >= 250 && paused < 10000, paused);
  await tab.waitForTimeout(400);
  same('pause is pause', await steps(tab), paused);
  same('relaxed SIMD is taken, which this browser has',
    fetched.filter((file) => /trainer.*wasm/.test(file)), ['09_trainer_relaxed.wasm']);

  // The pace and the learning rate change while it runs.
  await press(tab, 'Go on');
  await tab.getByLabel('Learning rate').fill('0.012');
  await tab.getByLabel('Names in a batch').fill('20');
  await tab.getByLabel('Steps a second').selectOption({ label: 'as fast as it can' });
  await tab.waitForFunction((before) => Number(document.querySelector('.facts dd').textContent.replace(/,/g, '')) > before + 500, paused);
  await now(tab, 'all steps made');
  same('it makes the steps that it was asked for', await steps(tab), 10000);
  const learned = Number(await fact(tab, 'held-out NLL'));
  check('it learns to a held-out NLL below 2.2', learned < 2.2 && learned > 1.9, learned);
  same('it was examined every 250 steps, and before the first', await rows(tab).count(), 41);
  const names = (await rows(tab).first().locator('td').last().innerText()).split(' ');
  check('its names are names', names.length === 8 && names.every((name) => /^[a-z]+$/.test(name)), names);
  check('the curve has its dots', await tab.locator('.curve .held').count() === 41);

  // What is downloaded is what was learned, and is taken back.
  const [file] = await Promise.all([tab.waitForEvent('download'), press(tab, 'Download the weights')]);
  const path = await file.path();
  const header = readFileSync(path).subarray(8, 2000).toString();
  check('the file is safetensors', header.includes('"lm_head"') && readFileSync(path).length > 4192 * 4, header);
  await press(tab, 'Reset');
  await now(tab, 'ready');
  const fresh = Number(await fact(tab, 'held-out NLL'));
  check('a new model knows nothing', fresh > 3.2, fresh);
  await tab.getByLabel('Load weights').setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: readFileSync(path) });
  await tab.getByText('The weights of mine.safetensors').waitFor();
  await tab.waitForFunction((nll) => document.querySelectorAll('.facts dd')[1].textContent === nll, learned.toFixed(4));

  await press(tab, 'Start');
  await tab.waitForFunction(() => document.querySelector('.facts dd').textContent !== '0');
  await press(tab, 'Stop');
  await now(tab, 'stopped');
  check('a run that was stopped does not go on', await tab.getByRole('button', { name: 'Go on' }).isDisabled());

  // The other tab writes with them, and takes the page's own back.
  await press(tab, 'Write with these weights');
  await tab.getByText('These are the weights trained in this tab').waitFor();
  await press(tab, 'The page’s own again');
  await tab.getByText('These are the weights').waitFor({ state: 'detached' });
}, ['08_engine.wasm', '09_trainer.wasm']);
