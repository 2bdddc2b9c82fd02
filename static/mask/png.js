// Grey 8-bit PNG files, written and read value by value. A canvas would do it through colours and may change values,
// as browsers that guard against recognition do on purpose.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit += 1) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

/** @param {Uint8Array} pixels row by row @returns {Promise<Uint8Array>} a file */
export async function encodeGrey(pixels, width, height) {
  const rows = new Uint8Array((width + 1) * height); // each row begins with its filter: 0, none
  for (let y = 0; y < height; y += 1) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits; the colour type that follows is 0, grey
  const chunks = [chunk('IHDR', header), chunk('IDAT', await pipe(rows, new CompressionStream('deflate'))), chunk('IEND', new Uint8Array())];
  return join([Uint8Array.from(SIGNATURE), ...chunks]);
}

/**
 * @param {Uint8Array} file as `encodeGrey` or the server writes it
 * @returns {Promise<{pixels: Uint8Array, width: number, height: number}>}
 */
export async function decodeGrey(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let [width, height] = [0, 0];
  const data = [];
  for (let at = SIGNATURE.length; at < file.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const body = at + 8;
    if (name === 'IHDR') {
      [width, height] = [view.getUint32(body), view.getUint32(body + 4)];
      if (file[body + 8] !== 8 || file[body + 9] !== 0 || file[body + 12] !== 0) throw new Error('The mask is not a plain grey PNG.');
    }
    if (name === 'IDAT') data.push(file.subarray(body, body + length));
    at = body + length + 4;
  }
  const rows = await pipe(join(data), new DecompressionStream('deflate'));
  return { pixels: unfilter(rows, width, height), width, height };
}

/** Takes back what the filters of PNG did: each byte was written as its difference from one beside or above. */
function unfilter(rows, width, height) {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (width + 1)];
    const source = y * (width + 1) + 1;
    const target = y * width;
    if (filter === 0) {
      pixels.set(rows.subarray(source, source + width), target);
      continue;
    }
    for (let x = 0; x < width; x += 1) {
      const left = x ? pixels[target + x - 1] : 0;
      const above = y ? pixels[target + x - width] : 0;
      const corner = x && y ? pixels[target + x - width - 1] : 0;
      pixels[target + x] = rows[source + x] + guess(filter, left, above, corner);
    }
  }
  return pixels;
}

function guess(filter, left, above, corner) {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  // Paeth: whichever of the three is nearest to where a plane through them would be
  const [toLeft, toAbove, toCorner] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function chunk(name, body) {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i += 1) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(body, 8);
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(4, body.length + 8)) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  view.setUint32(body.length + 8, ~crc);
  return bytes;
}

function join(parts) {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function pipe(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** @param {string} text base64 @returns {Uint8Array} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let text = '';
  // In pieces, since a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
