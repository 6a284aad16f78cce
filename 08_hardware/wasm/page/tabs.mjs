// The row of tabs, as WAI-ARIA's pattern has it: one tab stop, arrows, Home and End go along it,
// and the panel follows. A tab is a module tabs/NAME.mjs with `mount(section, context)`; it is loaded
// and mounted when it is opened first. Its section is told 'show' and 'hide' afterwards.
import { make } from './elements.mjs';
import { whereIs } from './files.mjs';

async function mount(name, section, context) {
  section.setAttribute('aria-busy', 'true');
  try {
    const module = await import(whereIs(`tabs/${name}.mjs`));
    await module.mount(section, context);
  } catch (error) {
    section.append(make('p', { class: 'fault', role: 'alert' }, `This tab cannot be shown: ${error.message}`));
    console.error(error);
  }
  section.removeAttribute('aria-busy');
}

function goAlong(event, buttons) {
  const last = buttons.length - 1;
  const at = buttons.indexOf(event.target);
  const next = {
    ArrowRight: at === last ? 0 : at + 1,
    ArrowLeft: at === 0 ? last : at - 1,
    Home: 0,
    End: last,
  }[event.key];
  if (next === undefined || at < 0) return;
  event.preventDefault();
  buttons[next].focus();
  buttons[next].click();
}

/// Fills `list` with tabs and `main` with their panels; `tabs` is [{name, title}].
export function showTabs(list, main, tabs, context) {
  const shown = tabs.map(({ name, title }) => {
    const tab = make('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`,
      onclick: () => context.state.set({ tab: name }),
    }, title);
    const section = make('section', {
      role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, hidden: true,
    });
    return { name, title, tab, section, mounted: false };
  });
  list.append(...shown.map(({ tab }) => tab));
  main.append(...shown.map(({ section }) => section));
  list.addEventListener('keydown', (event) => goAlong(event, shown.map(({ tab }) => tab)));
  const open = (wanted) => {
    for (const one of shown) {
      const here = one.name === wanted;
      const changed = one.section.hidden === here;
      one.tab.setAttribute('aria-selected', String(here));
      one.tab.tabIndex = here ? 0 : -1;
      one.section.hidden = !here;
      if (here) document.title = `${one.title} · microGPT, live`;
      if (here && !one.mounted) {
        one.mounted = true;
        mount(one.name, one.section, context);
      } else if (changed) {
        one.section.dispatchEvent(new CustomEvent(here ? 'show' : 'hide'));
      }
    }
  };
  open(context.state.get().tab);
  context.state.watch(({ tab }, before) => { if (tab !== before.tab) open(tab); });
  list.hidden = false;
}
