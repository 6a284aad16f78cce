// Elements of the page in one line each.

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/// make('button', { type: 'button', onclick: go }, 'Go'): children are texts, elements and lists.
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/// The same for a picture's elements: svg, path, rect, …
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/// A button.
export function button(text, onclick, attributes = {}) {
  return make('button', { type: 'button', onclick, ...attributes }, text);
}

let labels = 0;

/// A field with its label before it, and a hint behind it if there is one; both may be lists.
export function field(text, input, hint = null) {
  input.id ||= `field-${++labels}`;
  const parts = [make('label', { for: input.id }, text), input];
  if (hint) {
    const note = make('span', { class: 'hint', id: `${input.id}-hint` }, hint);
    input.setAttribute('aria-describedby', note.id);
    parts.push(note);
  }
  return make('div', { class: 'field' }, parts);
}
