// A photo's rendition as a bitmap that a 2D canvas can draw.

import { requestBlob } from '../common/api.js';
import { isLinear, rendition } from '../common/renditions.js';

/**
 * @param {import('../library/store.js').Photo} photo as its `edit` shows it
 * @param {?string} picture id of a result of an action on it, to be shown instead of the photo
 * @returns {Promise<ImageBitmap>}
 */
export async function loadBitmap(photo, picture = null) {
  if (picture) {
    const blob = await requestBlob('GET', `photos/${photo.id}/results/${picture}/image?edge=${Math.max(...photo.display)}`);
    return createImageBitmap(blob, { colorSpaceConversion: 'none' });
  }
  const blob = await requestBlob('GET', rendition(photo));
  // What is sRGB already stays as it is, to the byte.
  if (!isLinear(photo)) return createImageBitmap(blob, { colorSpaceConversion: photo.gamut === 'srgb' ? 'none' : 'default' });
  const [width, height] = photo.display;
  return createImageBitmap(fromHalf(new Uint16Array(await blob.arrayBuffer()), width, height));
}

/** Linear light in half floats, RGB, to sRGB. */
function fromHalf(light, width, height) {
  const image = new ImageData(width, height);
  const { data } = image;
  for (let i = 0, j = 0; i < light.length; i += 3, j += 4) {
    data[j] = BYTES[light[i]];
    data[j + 1] = BYTES[light[i + 1]];
    data[j + 2] = BYTES[light[i + 2]];
    data[j + 3] = 255;
  }
  return image;
}

// The sRGB byte of every half float; what is below 0 is 0.
const BYTES = Uint8ClampedArray.from({ length: 65536 }, (_, half) => {
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  const light = half >> 15 ? 0 : exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
});
