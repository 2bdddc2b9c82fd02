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

async function makeRenderer(canvas, schema, document, width, height, photo = '/photo') {
  const renderer = new Renderer(canvas, schema);
  await renderer.setPhoto({ blob: await fetchBlob(photo) }, width, height);
  renderer.setMaps(await (await fetch('/maps')).arrayBuffer());
  for (const kind of KINDS) await renderer.setMatte(kind, await fetchBlob(`/${kind}`));
  renderer.setDocument(document);
  renderer.setView({ scale: canvas.width / width, x: 0, y: 0 });
  return renderer;
}

/** The document with its first layer changed a little more each time that it is asked for, as while dragging. */
function dragged(document, change) {
  let moves = 0;
  return () => {
    moves += 1;
    const [first, ...others] = document.layers;
    return { ...document, layers: [{ ...first, ...change(first, moves % 20) }, ...others] };
  };
}

const adjust = (name) => (layer, move) => ({ adjustments: { ...layer.adjustments, [name]: move / 4 } });
const DRAGS = {
  slider: adjust('exposure'),
  clarity: adjust('clarity'),
  mixer: adjust('orange_hue'),
  curve: ({ curves }, move) => ({ curves: { ...curves, rgb: [[0, 0], [0.5, 0.4 + move / 100], [1, 1]] } }),
};

/** @returns {Promise<Object<string, number[]>>} milliseconds of each round, by what was drawn */
window.measure = async ({ schema, document, width, height, shown, sizes, rounds }) => {
  const full = new OffscreenCanvas(width, height);
  const chained = new OffscreenCanvas(width, height);
  const view = () => new OffscreenCanvas(...shown);
  const frame = await makeRenderer(full, schema, document, width, height);
  const small = view();
  const canvas = await makeRenderer(small, schema, document, width, height);
  const bitmap = async (path) => createImageBitmap(await fetchBlob(path), EXACT);
  const chain = new Chain(chained.getContext('webgl2', { antialias: false, depth: false }), {
    photo: await bitmap('/photo'),
    mattes: Object.fromEntries(await Promise.all(KINDS.map(async (kind) => [kind, await bitmap(`/${kind}`)]))),
  });
  const drags = Object.entries(DRAGS).map(([name, change]) => {
    const next = dragged(document, change);
    return [name, small, () => { canvas.setDocument(next()); canvas.draw(); }];
  });
  for (const [megapixels, size] of Object.entries(sizes)) {
    const at = view();
    const renderer = await makeRenderer(at, schema, document, ...size, `/photo${megapixels}`);
    const next = dragged(document, DRAGS.slider);
    drags.push([`slider_${megapixels}`, at, () => { renderer.setDocument(next()); renderer.draw(); }]);
  }

  const result = { frame: [], chain: [], canvas: [], ...Object.fromEntries(drags.map(([name]) => [name, []])) };
  for (let round = -1; round < rounds; round++) { // the first one warms up
    const times = {
      frame: [time(full, () => frame.draw())],
      canvas: SHORT.map(() => time(small, () => canvas.draw())),
      chain: [time(chained, () => chain.draw(document.layers))],
      ...Object.fromEntries(drags.map(([name, at, draw]) => [name, SHORT.map(() => time(at, draw))])),
    };
    if (round >= 0) Object.entries(times).forEach(([name, each]) => result[name].push(...each));
  }
  return result;
};
