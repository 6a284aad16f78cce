// Benchmark: five runs of each kind, beside the published and the native figures, as JSON.
// And pictures of all tabs, to be looked at.
import { join } from 'node:path';
import { check, press, run, same, shots } from './driver.mjs';

const sizes = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 360, height: 740 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
};

await run(async ({ open }) => {
  const tab = await open('#tab=benchmark', { permissions: ['clipboard-read', 'clipboard-write'] });
  await press(tab, 'Measure');
  await tab.locator('table.results').waitFor();
  await press(tab, 'Copy as JSON');
  const report = JSON.parse(await tab.locator('textarea').inputValue());
  same('the clipboard has it', JSON.parse(await tab.evaluate(() => navigator.clipboard.readText())), report);
  check('relaxed SIMD is taken, which this browser has', report.relaxed_simd && report.engine.includes('relaxed'), report.engine);
  same('three kinds', report.rows.map(({ kind }) => kind), ['one', 'streams', 'int8']);
  for (const { kind, runs, mean, spread } of report.rows) {
    same(`five runs of ${kind}`, runs.length, 5);
    check('the mean is theirs', Math.abs(mean - runs.reduce((a, b) => a + b, 0) / 5) < 1e-6 * mean && mean > 1000, mean);
    check('the spread is theirs', Math.abs(spread - (Math.max(...runs) - Math.min(...runs)) / mean) < 1e-9, spread);
  }
  check('native rows say their machine', Boolean(report.native.machine.processor) && report.native.rows.length > 5);
  const text = await tab.locator('table.results').innerText();
  for (const whose of ['NaklitechIe/micro-gpt', '1.34 million', '890,000', 'M4 Pro', report.native.machine.processor]) {
    check(`the table names ${whose}`, text.includes(whose), text);
  }
  await tab.screenshot({ path: join(shots, 'benchmark_measured.png'), fullPage: true });
  for (const [size, options] of Object.entries(sizes)) {
    const look = await open('#tab=write&seed=42&temperature=0.5&beginning=ka&letters=4', { ...options, reducedMotion: 'reduce' });
    await press(look, 'Ten names');
    await look.screenshot({ path: join(shots, `write_${size}.png`), fullPage: true });
    if (size === 'desktop') {  // the one of the README
      await look.setViewportSize({ width: 1000, height: 900 });
      await look.evaluate(() => scrollTo(0, 0));
      await look.screenshot({ path: join(shots, 'page.png') });
      await look.setViewportSize(options.viewport);
    }
    for (const name of ['Train', 'Look inside', 'Climb', 'Benchmark']) {
      await look.getByRole('tab', { name }).click();
      await look.locator('[role=tabpanel]:not([hidden]):not([aria-busy]) h2').waitFor();
      await look.screenshot({ path: join(shots, `${name.replace(' ', '_').toLowerCase()}_${size}.png`), fullPage: true });
    }
    await look.context().close();
  }
});
