// What straightening does to a photo, drawn at once while the angle is chosen.

const GUIDES = [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6];

/**
 * The largest upright rectangle of any shape within a rectangle that is turned about its middle.
 * @param {number} angle in radians
 * @returns {[number, number]} width and height
 */
export function upright(width, height, angle) {
  const [sin, cos] = [Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))];
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  if (short <= 2 * sin * cos * long) {
    // Two of its corners lie on the long sides, the other two inside.
    const half = [short / 2 / sin, short / 2 / cos];
    return width >= height ? half : half.reverse();
  }
  const shared = cos ** 2 - sin ** 2;
  return [(width * cos - height * sin) / shared, (height * cos - width * sin) / shared];
}

/**
 * Draws a photo as it will be after straightening.
 * @param {ImageBitmap} bitmap
 * @param {{turn: number, angle: number}} how by quarters, then by degrees, both clockwise
 * @param {number} edge of the drawing, in pixels
 * @param {boolean} guided with lines to judge by
 * @returns {ImageBitmap}
 */
export function straightened(bitmap, { turn, angle }, edge, guided) {
  const [across, down] = turn % 2 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const [width, height] = upright(across, down, radians(angle));
  const scale = Math.min(1, edge / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale)));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'medium';
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(radians(90 * turn + angle));
  context.scale(scale, scale);
  context.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  context.resetTransform();
  if (guided) drawGuides(context, canvas);
  return canvas.transferToImageBitmap();
}

const radians = (degrees) => (degrees * Math.PI) / 180;

function drawGuides(context, { width, height }) {
  context.strokeStyle = '#fff8';
  context.lineWidth = Math.max(1, Math.max(width, height) / 1400);
  context.beginPath();
  for (const at of GUIDES) {
    context.moveTo(at * width, 0);
    context.lineTo(at * width, height);
    context.moveTo(0, at * height);
    context.lineTo(width, at * height);
  }
  context.stroke();
}
