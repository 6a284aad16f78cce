import { make } from '../elements.mjs';

/// The tab 'climb'; see main.mjs for what the context holds.
export async function mount(section, { prose }) {
  section.append(make('h2', {}, 'climb'), prose('Nothing here yet.'));
}
