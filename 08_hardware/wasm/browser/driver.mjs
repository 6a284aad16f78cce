// What the tests of the page share: a web server for its folder, a browser, and a way to say what is
// wrong. A check is run as: node check_NAME.mjs PAGE PLAYWRIGHT CHROMIUM SHOTS. Status 4 is a skip.
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, normalize, resolve } from 'node:path';

export const [page, playwright, chromium, shots] = process.argv.slice(2);
const patience = 90000;  // milliseconds; the machine may be slow and busy
const types = {
  '.html': 'text/html', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json',
};

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(4);
}

/// The page's files, as any web server gives them.
function serve() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
    const file = join(page, path.endsWith('/') ? `${path}index.html` : path);
    if (!existsSync(file) || !statSync(file).isFile()) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
  });
  return new Promise((ready) => { server.listen(0, '127.0.0.1', () => ready(server)); });
}

/// Says what is wrong, and counts it.
let faults = 0;
export function check(what, right, ...seen) {
  if (right) return;
  faults += 1;
  console.log(`wrong: ${what}`, ...seen);
}
export const same = (what, seen, expected) =>
  check(what, JSON.stringify(seen) === JSON.stringify(expected), 'seen', seen, 'expected', expected);

/// Runs `body({ open, address })`, where open(hash, options) is a new tab of the browser at that link; of
/// options, `missing` is a file that the server has not got, and to `fetched` the names of those are added that
/// the tab and its workers get.
/// `needs`: modules without which there is nothing to check.
export async function run(body, needs = ['08_engine.wasm']) {
  if (!chromium || !existsSync(chromium)) skip('no browser here: apt-get install chromium');
  if (!existsSync(join(playwright, 'package.json'))) {
    skip('playwright-core is not here: npm has to reach its registry when live_page_npm is built');
  }
  for (const module of needs) {
    if (!existsSync(join(page, 'modules', module))) {
      skip(`the page has no ${module}: apt-get install clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 ` +
           'libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32');
    }
  }
  mkdirSync(shots, { recursive: true });
  const server = await serve();
  const address = `http://127.0.0.1:${server.address().port}/`;
  const { chromium: kind } = createRequire(import.meta.url)(resolve(playwright));
  const browser = await kind.launch({ executablePath: chromium, args: ['--no-sandbox'], timeout: patience });
  const open = async (hash = '', { missing, fetched, ...options } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(patience);
    const tab = await context.newPage();
    tab.on('console', (message) => {
      if (missing && message.text().includes('404')) return;  // the browser says so by itself
      if (['error', 'warning'].includes(message.type())) check('the console is silent', false, message.text());
    });
    tab.on('pageerror', (error) => check('nothing is thrown', false, error.message));
    tab.on('request', (request) => {
      const own = [address, 'blob:', 'data:'].some((begin) => request.url().startsWith(begin));
      check('nothing is fetched from elsewhere', own, request.url());
      if (request.method() === 'GET') fetched?.push(request.url().split('/').pop());
    });
    if (missing) await tab.context().route(`**/${missing}`, (route) => route.fulfill({ status: 404 }));
    await tab.goto(address + hash);
    await tab.waitForSelector('[role=tabpanel]:not([hidden]):not([aria-busy]) h2');
    return tab;
  };
  try {
    await body({ open, address });
  } catch (error) {
    check('it can be driven', false, error.message);
  } finally {
    await browser.close();
    server.close();
  }
  process.exit(faults > 0 ? 1 : 0);
}

/// A button by its whole name.
export const press = (tab, name) => tab.getByRole('button', { name, exact: true }).click();
