// Everybody can use it: by keyboard alone, on a phone, with little motion, with enough contrast.
import { check, run, same } from './driver.mjs';

const tabs = ['write', 'train', 'inside', 'climb', 'benchmark'];
const focused = (tab) => tab.evaluate(() => document.activeElement.textContent || document.activeElement.id);

// In the page: elements with text whose contrast with their ground is too low.
function faintTexts() {
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * light(r / 255) + 0.7152 * light(g / 255) + 0.0722 * light(b / 255);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
      if (alpha === 1 && r !== undefined) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (!own || !element.checkVisibility() || element.closest('.visually-hidden, .skip, button:disabled')) continue;
    const style = getComputedStyle(element);
    const pair = [luminance(numbers(element.closest('svg') ? style.fill : style.color)), luminance(groundOf(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (!(ratio >= 4.5)) found.push(`${element.tagName}.${element.getAttribute('class')} "${element.textContent.slice(0, 20)}" ${ratio.toFixed(2)}`);
  }
  return found;
}

// In the page: what has no name that a screen reader could say.
function nameless() {
  const named = (element) => element.getAttribute('aria-label') || element.getAttribute('aria-labelledby') ||
    element.labels?.length > 0 || element.textContent.trim();
  return [...document.querySelectorAll('button, input, select, textarea, [role=img], [role=group], [role=region], [role=tabpanel]')]
    .filter((element) => element.checkVisibility() && !named(element)).map((element) => element.outerHTML.slice(0, 80));
}

async function byKeyboard(open) {
  const tab = await open('');
  await tab.keyboard.press('Tab');
  same('the first stop leads to the content', await focused(tab), 'To the content');
  await tab.keyboard.press('Tab');
  for (const name of ['Write', 'Train', 'Look inside', 'Climb', 'Benchmark', 'Write']) {
    same('arrows go along the tabs', await focused(tab), name);
    same('and the panel follows', await tab.locator('[role=tab][aria-selected=true]').innerText(), name);
    if (name !== 'Write') check('the others are no stops', await tab.locator('[role=tab][tabindex="0"]').count() === 1);
    await tab.keyboard.press('ArrowRight');
  }
  await tab.keyboard.press('Home');
  const outline = await tab.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  same('focus is seen', outline, 'solid');
  // On to a word with an explanation, and to the writing button.
  for (let i = 0; i < 12 && !await tab.evaluate(() => document.activeElement.className === 'term'); ++i) await tab.keyboard.press('Tab');
  check('a word shows its explanation when it is focused', (await tab.locator('#bubble').innerText()).startsWith('Temperature: Divides'));
  same('it is described by it', await tab.evaluate(() => document.activeElement.getAttribute('aria-describedby')), 'bubble');
  await tab.keyboard.press('Escape');
  check('Escape hides it', await tab.locator('#bubble').isHidden());
  await tab.locator('.term').first().hover();
  check('the pointer shows it, too', await tab.locator('#bubble').isVisible());
  for (let i = 0; i < 12 && await focused(tab) !== 'Next letter'; ++i) await tab.keyboard.press('Tab');
  await tab.keyboard.press('Enter');
  await tab.keyboard.press('Space');
  same('Enter and the space bar write', (await tab.locator('#panel-write .tile').allInnerTexts()).join(''), '·ja?');
  await tab.waitForFunction(() => document.getElementById('announcements').textContent === 'a');
}

await run(async ({ open }) => {
  await byKeyboard(open);
  const width = 360;
  for (const name of tabs) {
    const tab = await open(`#tab=${name}&beginning=ma`, { viewport: { width, height: 740 }, reducedMotion: 'reduce' });
    same(`${name} does not scroll sideways at ${width}`, await tab.evaluate(() => document.documentElement.scrollWidth), width);
    same(`${name}: everything has a name`, await tab.evaluate(nameless), []);
    for (const colorScheme of ['light', 'dark']) {
      await tab.emulateMedia({ colorScheme });
      same(`${name}, ${colorScheme}: every text has its contrast`, await tab.evaluate(faintTexts), []);
    }
    if (name === 'write') {
      same('with little motion nothing moves', await tab.locator('.bar').first().evaluate((bar) => getComputedStyle(bar).transitionDuration), '0s');
    }
    await tab.context().close();
  }
  const still = await open('');
  check('otherwise bars move a little', await still.locator('.bar').first().evaluate((bar) => getComputedStyle(bar).transitionDuration) !== '0s');
});
