// The faces drawn on a photo.

import { h } from '../../common/dom.js';

export class FaceLayer {
  constructor({ onChange }) {
    this.onChange = onChange;
    this.element = h('div.face-layer');
  }

  show() {}

  toggle(on) {
    this.element.hidden = !on;
  }
}
