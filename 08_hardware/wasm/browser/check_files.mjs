// A visitor's bad file gets one plain sentence, and the page goes on; a good one is learned from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, page, press, run } from './driver.mjs';

const weights = readFileSync(join(page, 'data', 'microgpt.safetensors'));
const text = (body) => Buffer.from(body);
// A hundred megabytes do not go through the driver: the browser makes them.
const large = 100 << 20;
const bad = [
  ['Learn from a text file', 'empty.txt', text('')],
  ['Learn from a text file', 'picture.png', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 197 + 128) % 256))],
  ['Learn from a text file', 'one.txt', text('emma\n')],
  ['Learn from a text file', 'signs.txt', text(Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i, 0x4e00 + 2 * i)).join('\n'))],
  ['Load weights', 'empty.safetensors', text('')],
  ['Load weights', 'cut.safetensors', weights.subarray(0, 9000)],
  ['Load weights', 'text.safetensors', text('these are no weights, they are words')],
  ['Load weights', 'nan.safetensors', Buffer.concat([weights.subarray(0, -4), Buffer.from([0, 0, 192, 127])])],
];

function checkSentence(what, said) {
  check(`${what}: one plain sentence`, said.length > 20 && said.length < 260 && !said.includes('\n') && said.endsWith('.') &&
    !/undefined|TypeError|RangeError|NaN,|\[object/.test(said), said);
}

await run(async ({ open }) => {
  const tab = await open('#tab=train');
  const alert = tab.getByRole('alert');
  for (const [label, name, buffer] of bad) {
    await tab.getByLabel(label).setInputFiles({ name, mimeType: '', buffer });
    await alert.filter({ hasText: name }).waitFor();
    checkSentence(name, await alert.innerText());
  }
  // Dropped, and large.
  await tab.evaluate((size) => {
    const data = new DataTransfer();
    data.items.add(new File([new Blob([new Uint8Array(size)])], 'large.txt'));
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, large);
  await alert.filter({ hasText: 'large.txt' }).waitFor();
  checkSentence('large.txt', await alert.innerText());

  // It goes on: with the model that there was, then with words of another alphabet.
  await press(tab, 'Start');
  await tab.waitForFunction(() => Number(document.querySelector('.facts dd').textContent) > 20);
  check('a sentence goes away', !await alert.isVisible());
  const towns = Array.from({ length: 300 }, (_, i) => ['βόλος', 'ξάνθη', 'πάτρα', 'άρτα', 'χανιά'][i % 5] + 'αβγδεζ'[i % 6] + 'ηθικλμν'[i % 7]).join('\n');
  await tab.getByLabel('Learn from a text file').setInputFiles({ name: 'towns.txt', mimeType: 'text/plain', buffer: text(towns) });
  await tab.getByText('The names of towns.txt').waitFor();
  await press(tab, 'Start');
  await tab.waitForFunction(() => /[α-ω]{3}/.test(document.querySelector('.progress-names tbody').textContent));
  // Their weights are nothing for the engine of a to z.
  await press(tab, 'Write with these weights');
  await alert.filter({ hasText: /alphabet|wte|shape/ }).waitFor();
  checkSentence('another alphabet', await alert.innerText());

  // Without the trainer the tab says so, and the others work.
  const bare = await open('#tab=train', { missing: '09_trainer.wasm' });
  await bare.getByRole('alert').filter({ hasText: 'without the trainer' }).waitFor();
  checkSentence('no trainer', await bare.getByRole('alert').innerText());
  await bare.getByRole('tab', { name: 'Write' }).click();
  await press(bare, 'Next letter');
  check('other tabs work', (await bare.locator('#panel-write .tile').allInnerTexts()).join('') === '·j?');

  // Without the modules of relaxed SIMD the plain ones do it all.
  const plain = await open('#tab=write', { missing: '*_relaxed.wasm' });
  await press(plain, 'Next letter');
  check('the plain engine writes', (await plain.locator('#panel-write .tile').allInnerTexts()).join('') === '·j?');
  await plain.getByRole('tab', { name: 'Train' }).click();
  await press(plain, 'Start');
  await plain.waitForFunction(() => Number(document.querySelector('.facts dd').textContent) > 20);
}, ['08_engine.wasm', '09_trainer.wasm']);
