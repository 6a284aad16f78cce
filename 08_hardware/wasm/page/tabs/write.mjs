import { make } from '../elements.mjs';

/// The tab 'write'; see main.mjs for what the context holds.
export async function mount(section, { prose }) {
  section.append(make('h2', {}, 'write'), prose('Nothing here yet.'));
}
