import { create, element } from './dom';
import type { Curve, TuneView } from './messages';
import { drawCurve } from './plot';

/** A plot, what it comes to at the level, and the same in a table. */
export class CurveBox {
  private readonly box: HTMLElement;
  private drawn = '';

  constructor(selector: string) {
    this.box = element(selector, HTMLElement);
    this.box.append(element('#curve', HTMLTemplateElement).content.cloneNode(true));
  }

  /** @param note what to beware of; it stands alone where there is no curve. */
  show(curve: Curve | undefined, levels: TuneView['levels'], level: number, note: string): void {
    const width = this.box.clientWidth;
    const drawn = JSON.stringify([curve, level, width, note]);
    if (drawn === this.drawn) {
      return;
    }
    this.drawn = drawn;
    const within = (selector: string): HTMLElement => element(selector, HTMLElement, this.box);
    within('figure').hidden = within('details').hidden = !curve;
    within('figure').replaceChildren(...(curve && width > 0 ? [drawCurve(curve, levels, level, width)] : []));
    within('figure').append(create('figcaption', 'note', curve?.legend ?? ''));
    within('.summary').textContent = curve?.summaries[level] ?? '';
    within('.caution').textContent = note;
    within('thead').replaceChildren(row('th', curve?.columns ?? []));
    within('tbody').replaceChildren(...(curve?.rows ?? []).map((cells, index) => row('td', cells, index === level)));
  }
}

function row(cell: 'th' | 'td', texts: readonly string[], isChosen = false): HTMLElement {
  const made = create('tr', isChosen ? 'chosen' : '');
  if (isChosen) {
    made.setAttribute('aria-current', 'true');
  }
  made.append(...texts.map((text) => create(cell, '', text)));
  return made;
}
