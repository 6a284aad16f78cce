// The curve of a run of training: the loss of each step as a pale line, their mean as a dark one, the
// held-out NLL as dots. It is drawn for the place that it has, so that its words are as large as others.
import { draw } from './elements.mjs';

const [left, right, top, bottom] = [40, 12, 10, 28];
const [lowest, highest] = [1.8, 3.6];  // nats
const window = 100;                    // steps that a mean is of

/// Means of up to `window` losses, at most `count` of them: [[step, mean]].
export function means(losses, count) {
  const stride = Math.max(1, Math.ceil(losses.length / count));
  const points = [];
  let sum = 0;
  losses.forEach(([step, loss], i) => {
    sum += loss - (i >= window ? losses[i - window][1] : 0);
    if ((i + 1) % stride === 0 || i === losses.length - 1) points.push([step, sum / Math.min(i + 1, window)]);
  });
  return points;
}

// At most `count` of the losses themselves.
function thinned(losses, count) {
  const stride = Math.max(1, Math.ceil(losses.length / count));
  return losses.filter((_, i) => i % stride === 0);
}

function grid(steps, { width, height, y }) {
  const lines = [2, 2.5, 3, 3.5].map((nats) => [
    draw('line', { class: 'grid', x1: left, x2: width - right, y1: y(nats), y2: y(nats) }),
    draw('text', { x: left - 6, y: y(nats) + 5, 'text-anchor': 'end' }, nats.toFixed(1)),
  ]);
  const marks = (width < 500 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map((part) => draw('text', {
    x: left + part * (width - left - right), y: height - 6, 'text-anchor': part === 1 ? 'end' : part === 0 ? 'start' : 'middle',
  }, part === 1 ? `${steps.toLocaleString('en')} steps` : Math.round(part * steps).toLocaleString('en')));
  return [lines, marks];
}

/// {element, show}: show({losses: [[step, loss]], heldOut: [[step, nll]], steps}).
export function lossCurve() {
  const element = draw('svg', { role: 'img', class: 'curve' });
  const show = ({ losses, heldOut, steps }) => {
    const width = element.parentElement?.clientWidth || 640;
    const height = Math.round(Math.min(340, Math.max(210, 0.4 * width)));
    element.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const y = (nats) =>
      top + (highest - Math.min(highest, Math.max(lowest, nats))) / (highest - lowest) * (height - top - bottom);
    const x = (step) => left + step / steps * (width - left - right);
    const path = (points) => points.map(([step, nats], i) => `${i ? 'L' : 'M'}${x(step).toFixed(1)} ${y(nats).toFixed(1)}`).join('');
    const last = heldOut.at(-1);
    const said = last ? `Held-out NLL ${last[1].toFixed(3)} after ${last[0]} of ${steps} steps` : 'No step yet';
    element.setAttribute('aria-label', `Loss curve. ${said}.`);
    element.replaceChildren(
      ...grid(steps, { width, height, y }).flat(Infinity),
      draw('path', { class: 'each', d: path(thinned(losses, 600)) }),
      draw('path', { class: 'mean', d: path(means(losses, 300)) }),
      ...heldOut.map(([step, nll]) => draw('circle', { class: 'held', cx: x(step), cy: y(nll), r: 4 },
        draw('title', {}, `held-out NLL ${nll.toFixed(4)} after ${step} steps`))));
  };
  return { element, show };
}
