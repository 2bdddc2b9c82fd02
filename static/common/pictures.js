// Drawing pictures, and those that were looked at last, decoded.

const KEPT = 4; // of up to 64 megabytes

export class Pictures {
  #kept = new Map(); // what was used last stands last

  /**
   * @param {string} key
   * @param {() => Promise<ImageBitmap>} load
   */
  get(key, load) {
    const picture = this.#kept.get(key) ?? load();
    this.#kept.delete(key);
    this.#kept.set(key, picture);
    picture.catch(() => this.#kept.delete(key));
    if (this.#kept.size > KEPT) this.#drop(this.#kept.keys().next().value);
    return picture;
  }

  clear() {
    for (const key of [...this.#kept.keys()]) this.#drop(key);
  }

  #drop(key) {
    this.#kept.get(key).then((bitmap) => bitmap.close(), () => {});
    this.#kept.delete(key);
  }
}

/**
 * Draws a picture where a view has the photo.
 * @param {CanvasRenderingContext2D} context its unit is a device pixel
 * @param {ImageBitmap} bitmap
 * @param {{scale, x, y: number}} view
 * @param {[number, number]} size of the photo
 * @param {boolean} smooth even where it is shown much enlarged; else its pixels become squares
 */
export function drawPicture(context, bitmap, { scale, x, y }, size, smooth = false) {
  context.setTransform(scale, 0, 0, scale, x, y);
  context.imageSmoothingEnabled = smooth || (scale * size[0]) / bitmap.width < 2;
  context.imageSmoothingQuality = 'medium';
  context.drawImage(bitmap, 0, 0, ...size);
  context.resetTransform();
}
