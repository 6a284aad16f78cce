// What the four heads look at: for each head a small picture with a bar over every letter so far.
import { draw, make } from './elements.mjs';
import { percent } from './picture.mjs';

const [width, height, left] = [15, 56, 2];  // of a place, of the highest bar, of the margin

function oneHead(head, letters, weights) {
  const bars = letters.map((letter, i) => {
    const part = weights[i];
    const x = left + i * width;
    return [
      draw('rect', { class: 'head-track', x: x + 1, y: 2, width: width - 3, height }),
      draw('rect', { class: 'head-bar', x: x + 1, y: 2 + height * (1 - part), width: width - 3, height: height * part },
        draw('title', {}, `${letter}: ${percent(part)}`)),
      draw('text', { x: x + width / 2 - 0.5, y: height + 16, 'text-anchor': 'middle' }, letter),
    ];
  });
  const places = Math.max(9, letters.length);
  const most = weights.indexOf(Math.max(...weights));
  const said = letters[most] === '·' ? 'the beginning' : `letter ${most}, ${letters[most]}`;
  const picture = draw('svg', {
    viewBox: `0 0 ${left + places * width} ${height + 22}`, role: 'img',
    'aria-label': `Head ${head + 1} looks most at ${said}: ${percent(weights[most])}`,
  }, bars);
  return make('figure', { class: 'head' }, make('figcaption', {}, `Head ${head + 1}`), picture);
}

/// The four pictures. `attention` is (4, letters + 1), the beginning of the name first.
export function headPictures(shown, attention) {
  const letters = ['·', ...shown];
  return Array.from({ length: 4 }, (_, head) => {
    const weights = Array.from(attention.subarray(head * letters.length, (head + 1) * letters.length));
    return oneHead(head, letters, weights);
  });
}
