// How light beyond white comes to the screen: of the whole photo, and only where a photo has such light.

import { h } from '../common/dom.js';
import { Segmented } from '../common/segmented.js';

const ABOUT = {
  none: 'What is brighter than white is cut off.',
  sigmoid: 'Bright light rolls off softly; colours keep their hue.',
  agx: 'Bright light rolls off softly and pales, as on film.',
};

/** @implements {import('./sliders.js').Widget} */
export class ViewTransform {
  tool = 'Light';
  section = 'View';

  /** @param {{views: Object<string, string>}} schema @param {{onView: (view: string) => void}} events */
  constructor({ views }, { onView }) {
    this.onView = onView;
    this.choice = new Segmented('View', views, (view) => { if (view !== this.choice.chosen) onView(view); });
    this.about = h('p.widget-note');
    this.element = h('div.view-transform', {}, this.choice.element, this.about);
  }

  /** Whether the photo has light beyond white. */
  offer(isOffered) {
    this.element.closest('.section').hidden = !isOffered;
  }

  show(layer, { view }) {
    this.choice.show(view);
    this.about.textContent = ABOUT[view] ?? '';
  }

  reset() {
    this.onView('none');
  }

  isUsed(layer, { view }) {
    return view !== 'none';
  }
}
