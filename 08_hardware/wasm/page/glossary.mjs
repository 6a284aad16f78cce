// Words with their explanation, out of the book's glossary. A word shows it when it is pointed at,
// focused or tapped; Escape or leaving hides it, and the pointer may move onto it.
import { make } from './elements.mjs';

// One bubble for all words: there is never more than one open.
function makeBubble() {
  const bubble = make('div', { class: 'bubble', role: 'tooltip', id: 'bubble', hidden: true });
  document.body.append(bubble);
  let owner = null;
  let timer = 0;
  const hide = () => {
    bubble.hidden = true;
    owner?.removeAttribute('aria-describedby');
    owner = null;
  };
  const show = (word, content) => {
    clearTimeout(timer);
    if (owner === word) return;
    hide();
    owner = word;
    bubble.replaceChildren(...content);
    bubble.hidden = false;
    word.setAttribute('aria-describedby', bubble.id);
    const at = word.getBoundingClientRect();
    const { width, height } = bubble.getBoundingClientRect();
    const room = document.documentElement.clientWidth;
    const below = at.bottom + height + 12 < window.innerHeight || at.top < height + 12;
    bubble.style.left = `${Math.max(8, Math.min(at.left, room - width - 8)) + window.scrollX}px`;
    bubble.style.top = `${(below ? at.bottom + 6 : at.top - height - 6) + window.scrollY}px`;
  };
  const hideSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 200);  // time for the pointer to reach the bubble
  };
  bubble.addEventListener('pointerenter', () => clearTimeout(timer));
  bubble.addEventListener('pointerleave', hideSoon);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
  document.addEventListener('pointerdown', (event) => {
    if (owner && event.target !== owner && !bubble.contains(event.target)) hide();
  });
  return { show, hideSoon, hide };
}

/// `entries` is glossary.json: [{terms: ['NLL'], text, chapter}]. Returns
///   glossary(term, shown)  the word as an element with its explanation
///   prose(text)            a paragraph in which {word} and {shown:term} are such elements
export function loadGlossary(entries) {
  const known = new Map(entries.flatMap((entry) => entry.terms.map((term) => [term.toLowerCase(), entry])));
  const bubble = makeBubble();
  const glossary = (term, shown = term) => {
    const entry = known.get(term.toLowerCase());
    if (!entry) throw new Error(`the book's glossary has no '${term}'`);
    const chapter = entry.chapter ? make('span', { class: 'chapter' }, ` Book: ${entry.chapter}.`) : null;
    const show = () => bubble.show(word, [make('b', {}, entry.terms.join(', ')), ': ', entry.text, ...(chapter ? [chapter] : [])]);
    const word = make('button', {
      type: 'button', class: 'term', onpointerenter: show, onpointerleave: bubble.hideSoon,
      onfocus: show, onblur: bubble.hide, onclick: show,
    }, shown);
    return word;
  };
  const prose = (text) => make('p', {}, text.split(/(\{[^}]*\})/).map((part) => {
    if (!part.startsWith('{')) return part;
    const [shown, term = shown] = part.slice(1, -1).split(':');
    return glossary(term, shown);
  }));
  return { glossary, prose };
}
