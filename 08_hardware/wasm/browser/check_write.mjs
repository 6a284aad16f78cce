// Write: the names of the native programs, letter by letter, and a link that opens the same picture.
import { check, press, run, same } from './driver.mjs';

// 07_fast_inference --seed 42 --temperature 0.5 --samples 10 --quiet
const native = ['jaysia', 'abdeline', 'aviana', 'graylen', 'danish', 'raida', 'mantan', 'nyam', 'serrick', 'bristin'];

const letters = async (tab) => (await tab.locator('#panel-write .tile').allInnerTexts()).join('');
const percents = (tab) => tab.locator('.letter-bar .percent').allInnerTexts();

await run(async ({ open, address }) => {
  const tab = await open('');
  await press(tab, 'Ten names');
  same('the names of seed 42 are the native ones', await tab.locator('ol.names li').allInnerTexts(), native);

  // Letter by letter it is the first of these names, then the second.
  for (let i = 0; i < native[0].length; ++i) await press(tab, 'Next letter');
  same('six letters are the first name', await letters(tab), `·${native[0]}?`);
  await press(tab, 'Next letter');
  same('then it ends', await letters(tab), `·${native[0]}·`);
  check('the letter that came is marked', await tab.locator('.letter-bar.drawn').getAttribute('aria-label').then((label) => label.startsWith('the end')));
  await press(tab, 'Next name');
  await press(tab, 'Whole name');
  same('the next one is the second', await letters(tab), `·${native[1]}·`);
  await press(tab, 'Begin again');

  // Probabilities: all together 100%, a temperature of 0 leaves one letter, a chosen letter is taken.
  const parts = (await percents(tab)).map((text) => (text.startsWith('<') ? 0.05 : parseFloat(text)));
  const sum = parts.reduce((a, b) => a + b, 0);
  check('bars add up to 100%', sum > 96 && sum < 104, sum);
  same('27 bars', parts.length, 27);
  await tab.getByLabel('e, ', { exact: false }).first().click();
  await tab.getByRole('button', { name: /^m, / }).click();
  same('pressed letters are the beginning', await tab.getByLabel('Type a beginning').inputValue(), 'em');
  same('and stand there', await letters(tab), '·em?');
  same('a head looks at the beginning and two letters', await tab.locator('.head').first().locator('.head-bar').count(), 3);
  const heights = await tab.locator('.head').evaluateAll((heads) => heads.map((head) =>
    [...head.querySelectorAll('.head-bar')].reduce((all, bar) => all + Number(bar.getAttribute('height')), 0) / 56));
  check('the bars of each head add up to 100%', heights.length === 4 && heights.every((all) => Math.abs(all - 1) < 0.01), heights);
  await tab.getByLabel('Temperature').fill('0');
  same('at temperature 0 one letter has it all', (await percents(tab)).filter((text) => text === '100%').length, 1);

  // What a name costs: -ln of each chance, and their mean.
  await tab.getByLabel('A name').fill('Emma');
  const costs = (await tab.locator('.scores tbody td:nth-child(3)').allInnerTexts()).map(Number);
  const chances = (await tab.locator('.scores tbody td:nth-child(2)').allInnerTexts()).map((text) => parseFloat(text) / 100);
  same('a name costs its letters and its end', costs.length, 5);
  check('a letter costs -ln of its chance', costs.every((cost, i) => Math.abs(cost + Math.log(chances[i])) < 0.06), costs, chances);
  const mean = parseFloat((await tab.locator('.scores caption').innerText()).replace(/[^0-9.]/g, ''));
  check('the NLL is their mean', Math.abs(mean - costs.reduce((a, b) => a + b, 0) / 5) < 0.006, mean);
  await tab.getByLabel('A name').fill('zoë');
  check('a foreign letter gets a sentence', /‘ë’|'ë'/.test(await tab.locator('.scored').innerText()));
  await tab.getByLabel('A name').fill('emma');

  // A link with all of it opens the same picture; so does the way back.
  await tab.getByLabel('Temperature').fill('0.8');
  await tab.getByLabel('Seed').fill('7');
  await tab.getByLabel('Seed').press('Enter');
  await press(tab, 'Next letter');
  const other = await open(tab.url().slice(address.length));
  for (const [what, look] of [['letters', letters], ['chances', percents]]) {
    same(`the link opens the same ${what}`, await look(other), await look(tab));
  }
  same('and the seed', await other.getByLabel('Seed').inputValue(), '7');
  await other.getByRole('tab', { name: 'Benchmark' }).click();
  check('the tab is in the address', other.url().includes('tab=benchmark'), other.url());
  await other.goBack();
  check('back is back', await other.locator('#panel-write').isVisible());
  const odd = await open('#tab=nonsense&seed=minus&temperature=1e9&beginning=<b>!9&nth=-3&letters=1e99');
  same('a senseless link opens the first tab', await odd.locator('[role=tab][aria-selected=true]').innerText(), 'Write');
  same('with what it can be', [await odd.getByLabel('Seed').inputValue(), await odd.getByLabel('Type a beginning').inputValue()], ['42', 'b']);
});
