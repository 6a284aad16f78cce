import { make } from '../elements.mjs';

/// The tab 'benchmark'; see main.mjs for what the context holds.
export async function mount(section, { prose }) {
  section.append(make('h2', {}, 'benchmark'), prose('Nothing here yet.'));
}
