// What the tabs Look inside and Climb do in a real browser: browser_checks.mjs PAGE PLAYWRIGHT CHROMIUM
// OUT, where PAGE is the folder that is the page and PLAYWRIGHT that of playwright-core. Prints one JSON
// object, and puts screenshots into OUT, to be looked at.
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';

const [page, playwright, chromium, out] = process.argv.slice(2);
const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
  const file = join(page, path === '/' ? 'index.html' : path);
  if (!existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const address = `http://127.0.0.1:${server.address().port}/`;
mkdirSync(out, { recursive: true });

const { chromium: browserType } = createRequire(import.meta.url)(playwright);
const browser = await browserType.launch({ executablePath: chromium, args: ['--no-sandbox'] });
const found = { errors: [], widths: {} };

async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  tab.on('console', (message) => { if (message.type() === 'error') found.errors.push(message.text()); });
  tab.on('pageerror', (error) => found.errors.push(error.message));
  await tab.goto(address + hash);
  await tab.waitForSelector('[role=tabpanel]:not([hidden]):not([aria-busy]) h2');
  return tab;
}

const cellsOf = (tab, title) => tab.locator(`.step:has(h4:text-is("${title}")) svg.cells`);
const shownSteps = (tab) => tab.locator('.steps > li:visible').count();
const runButton = (tab, stage) => tab.locator(`[aria-label="Stage ${stage}: run or stop"]`);
const statusOf = (tab, stage) => tab.locator(`#climb-${stage} .run .note`).innerText();

async function run(tab, stage) {
  await runButton(tab, stage).click();
  await tab.waitForFunction((label) => document.querySelector(`[aria-label="${label}"]`).textContent === 'Run it here',
    `Stage ${stage}: run or stop`, { timeout: 60000 });
}

// Keyboard and pointer tell the same numbers; steps appear one by one.
async function lookInside() {
  const tab = await open('#tab=inside&inside_name=emma&inside_place=1');
  await cellsOf(tab, 'Query').focus();
  for (const key of ['End', 'Home', 'ArrowRight']) await tab.keyboard.press(key);
  found.byKeys = await cellsOf(tab, 'Query').getAttribute('aria-valuetext');
  await cellsOf(tab, 'Query').evaluate((element) => element.blur());
  await cellsOf(tab, 'Query').locator('rect.cell').nth(1).hover();
  found.byPointer = await cellsOf(tab, 'Query').locator('xpath=following-sibling::p').innerText();
  found.cells = await tab.locator('.steps rect.cell').count();
  await tab.screenshot({ path: join(out, 'inside.png'), fullPage: true });
  found.steps = [await shownSteps(tab)];
  for (const name of ['From the start', 'Next step', 'Next step', 'Step back', 'All steps']) {
    await tab.getByRole('button', { name, exact: true }).click();
    found.steps.push(await shownSteps(tab));
  }
  await tab.getByLabel('A name').fill('Zoë B');
  await tab.keyboard.press('Tab');
  found.typed = await tab.getByLabel('A name').inputValue();
  await tab.getByRole('button', { name: '10 steps', exact: true }).click();
  found.adam = await tab.locator('.adam').innerText();
  await tab.context().close();
}

// A link opens the same picture, here backwards and on a phone in the dark.
async function lookBack() {
  const tab = await open('#tab=inside&inside_name=olivia&inside_place=2&inside_back=yes&inside_step=0',
    { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
  found.linked = { name: await tab.getByLabel('A name').inputValue(),
                   pressed: await tab.locator('.inside-controls .tile[aria-pressed=true]').getAttribute('aria-label') };
  await cellsOf(tab, 'Logits').focus();
  for (let i = 0; i < 8; ++i) await tab.keyboard.press('ArrowRight');
  found.gradient = await cellsOf(tab, 'Logits').getAttribute('aria-valuetext');
  await tab.getByRole('button', { name: '100 steps', exact: true }).click();
  found.widths.inside = await tab.evaluate(() => document.documentElement.scrollWidth);
  await tab.screenshot({ path: join(out, 'inside_phone_dark.png'), fullPage: true });
  await tab.context().close();
}

// The stages' programs run, and stop.
async function climb() {
  const tab = await open('#tab=climb', { reducedMotion: 'reduce' });
  found.cards = await tab.locator('.climb-card .facts').allInnerTexts();
  for (const stage of ['01', '02', '06']) {
    await run(tab, stage);
    found[`ran${stage}`] = await statusOf(tab, stage);
  }
  found.names = await tab.locator('#climb-06 .run .names li').allInnerTexts();
  await tab.getByLabel('Learning rate').fill('8');
  await run(tab, '02');
  found.diverged = await statusOf(tab, '02');
  await tab.locator('#climb-04 select').selectOption('500000');
  await runButton(tab, '04').click();
  await tab.waitForFunction(() => document.querySelector('#climb-04 .run .note').textContent.startsWith('Step'));
  await run(tab, '04');  // the button stops it now
  found.stopped = await statusOf(tab, '04');
  await tab.screenshot({ path: join(out, 'climb.png'), fullPage: true });
  await tab.context().close();
}

// With motion the table fills by and by; on a phone nothing is too wide.
async function climbOnAPhone() {
  const tab = await open('#tab=climb', { viewport: { width: 360, height: 740 } });
  await runButton(tab, '01').click();
  await tab.waitForFunction(() => /^[2-9] of/.test(document.querySelector('#climb-01 .run .note').textContent));
  found.filling = await statusOf(tab, '01');
  await run(tab, '01');  // stops it
  await run(tab, '02');
  found.widths.climb = await tab.evaluate(() => document.documentElement.scrollWidth);
  await tab.screenshot({ path: join(out, 'climb_phone.png'), fullPage: true });
  await tab.context().close();
}

try {
  for (const part of [lookInside, lookBack, climb, climbOnAPhone]) await part();
} finally {
  await browser.close();
  server.close();
}
console.log(JSON.stringify(found));
