import { make } from '../elements.mjs';

/// The tab 'inside'; see main.mjs for what the context holds.
export async function mount(section, { prose }) {
  section.append(make('h2', {}, 'inside'), prose('Nothing here yet.'));
}
