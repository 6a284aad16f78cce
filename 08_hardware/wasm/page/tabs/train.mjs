import { make } from '../elements.mjs';

/// The tab 'train'; see main.mjs for what the context holds.
export async function mount(section, { prose }) {
  section.append(make('h2', {}, 'train'), prose('Nothing here yet.'));
}
