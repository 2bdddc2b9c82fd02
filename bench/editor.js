// Times one frame of the editor and of the usual chain of filters, in turns.

import { Chain } from '/bench/chain.js';
import { Renderer } from '/webgl/renderer.js';

const EXACT = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
const SHORT = Array.from({ length: 5 }); // a frame this short is timed five times a round
const KINDS = ['person', 'background'];

const fetchBlob = async (path) => (await fetch(path)).blob();

/** Milliseconds until what `draw` draws into the canvas can be read. */
function time(canvas, draw) {
  const gl = canvas.getContext('webgl2');
  const start = performance.now();
  draw();
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  return performance.now() - start;
}

async function makeRenderer(canvas, schema, document, width, height) {
  const renderer = new Renderer(canvas, schema);
  await renderer.setPhoto({ blob: await fetchBlob('/photo') }, width, height);
  for (const kind of KINDS) await renderer.setMatte(kind, await fetchBlob(`/${kind}`));
  renderer.setDocument(document);
  renderer.setView({ scale: canvas.width / width, x: 0, y: 0 });
  return renderer;
}

/** @returns {Promise<{frame: number[], chain: number[], canvas: number[]}>} milliseconds of each round */
window.measure = async ({ schema, document, width, height, shown, rounds }) => {
  const full = new OffscreenCanvas(width, height);
  const small = new OffscreenCanvas(...shown);
  const chained = new OffscreenCanvas(width, height);
  const frame = await makeRenderer(full, schema, document, width, height);
  const canvas = await makeRenderer(small, schema, document, width, height);
  const bitmap = async (path) => createImageBitmap(await fetchBlob(path), EXACT);
  const chain = new Chain(chained.getContext('webgl2', { antialias: false, depth: false }), {
    photo: await bitmap('/photo'),
    mattes: Object.fromEntries(await Promise.all(KINDS.map(async (kind) => [kind, await bitmap(`/${kind}`)]))),
  });

  const result = { frame: [], chain: [], canvas: [] };
  for (let round = -1; round < rounds; round++) { // the first one warms up
    const times = {
      frame: [time(full, () => frame.draw())],
      canvas: SHORT.map(() => time(small, () => canvas.draw())),
      chain: [time(chained, () => chain.draw(document.layers))],
    };
    if (round >= 0) Object.entries(times).forEach(([name, each]) => result[name].push(...each));
  }
  return result;
};
