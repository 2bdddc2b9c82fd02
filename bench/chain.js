// The usual way to build a photo editor for the browser, as in glfx.js: one filter is one full pass from one 8-bit
// texture into another, with the plain formula on gamma-encoded colour; a layer is mixed in by its matte at the end.

import { Program, Target, Texture, fill } from '/webgl/gl.js';

const VERTEX = `#version 300 es
out vec2 texCoord;
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 2.0 : 0.0, gl_VertexID == 2 ? 2.0 : 0.0);
  texCoord = corner;
  gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0);
}`;

const shader = (body) => `#version 300 es
precision highp float;
uniform sampler2D photo, base, matte;
uniform float amount;
in vec2 texCoord;
out vec4 result;
void main() {
  vec3 c = texture(photo, texCoord).rgb;
  ${body}
  result = vec4(c, 1.0);
}`;

const LUMA = 'dot(c, vec3(0.299, 0.587, 0.114))';

const BANDS = ['red', 'orange', 'yellow', 'green', 'aqua', 'blue', 'purple', 'magenta'];

/** A filter that looks at eight neighbours, so many pixels away. */
const around = (reach, body) => `vec2 pixel = ${reach.toFixed(1)} / vec2(textureSize(photo, 0));
  vec3 mean = vec3(0.0);
  for (int y = -1; y <= 1; y++) for (int x = -1; x <= 1; x++) mean += texture(photo, texCoord + vec2(x, y) * pixel).rgb / 9.0;
  ${body}`;

const FILTERS = {
  exposure: 'c *= exp2(amount);',
  brightness: 'c += 0.005 * amount;',
  contrast: 'c = (c - 0.5) * (1.0 + 0.01 * amount) + 0.5;',
  highlights: `c += 0.003 * amount * smoothstep(0.5, 1.0, ${LUMA});`,
  shadows: `c += 0.003 * amount * (1.0 - smoothstep(0.0, 0.5, ${LUMA}));`,
  whites: 'c *= 1.0 + 0.002 * amount;',
  blacks: 'c += 0.002 * amount * (1.0 - c);',
  gamma: 'c = pow(c, vec3(1.0 / amount));',
  temperature: 'c += 0.002 * amount * vec3(1.0, 0.0, -1.0);',
  tint: 'c += 0.002 * amount * vec3(0.5, -1.0, 0.5);',
  saturation: `c = mix(vec3(${LUMA}), c, 1.0 + 0.01 * amount);`,
  vibrance: `float mean = (c.r + c.g + c.b) / 3.0;
    float most = max(c.r, max(c.g, c.b));
    c = mix(c, vec3(most), (most - mean) * -0.03 * amount);`,
  hue: `float angle = radians(amount), s = sin(angle), co = cos(angle);
    vec3 weights = (vec3(2.0 * co, -sqrt(3.0) * s - co, sqrt(3.0) * s - co) + 1.0) / 3.0;
    c = vec3(dot(c, weights.xyz), dot(c, weights.zxy), dot(c, weights.yzx));`,
  sepia: `c = mix(c, vec3(dot(c, vec3(0.393, 0.769, 0.189)), dot(c, vec3(0.349, 0.686, 0.168)),
    dot(c, vec3(0.272, 0.534, 0.131))), 0.01 * amount);`,
  vignette: 'c *= 1.0 + 0.01 * amount * smoothstep(0.3, 0.8, distance(texCoord, vec2(0.5)));',
  monochrome: `c = mix(c, vec3(${LUMA}), 0.01 * amount);`,
  fade: 'c = mix(c, 0.15 + 0.85 * c, 0.01 * amount);',
  grain: 'c += 0.001 * amount * (fract(sin(dot(texCoord, vec2(12.9898, 78.233))) * 43758.5453) - 0.5);',
  rgb: 'c = mix(c, c * c * (3.0 - 2.0 * c), 0.01 * amount);',
  texture: around(1, 'c += 0.01 * amount * (c - mean);'),
  clarity: around(24, 'c += 0.01 * amount * (c - mean);'),
  sharpening: around(1, 'c += 0.02 * amount * (c - mean);'),
  skin_smoothing: around(3, 'c = mix(c, mean, 0.01 * amount * (1.0 - smoothstep(0.0, 0.1, distance(c, mean))));'),
  dehaze: 'c = (c - 0.003 * amount) / (1.0 - 0.003 * amount);',
  ...Object.fromEntries(BANDS.map((band, i) => [`${band}_saturation`, `
    float most = max(c.r, max(c.g, c.b)), least = min(c.r, min(c.g, c.b)), chroma = most - least + 1e-6;
    float hue = most == c.r ? (c.g - c.b) / chroma : most == c.g ? 2.0 + (c.b - c.r) / chroma : 4.0 + (c.r - c.g) / chroma;
    float away = abs(mod(hue / 6.0 - ${(i / BANDS.length).toFixed(3)} + 0.5, 1.0) - 0.5);
    c = mix(c, mix(vec3(${LUMA}), c, 1.0 + 0.01 * amount), 1.0 - smoothstep(0.0, 0.125, away));`])),
  ...Object.fromEntries(['shadows', 'midtones', 'highlights', 'all'].map((tones, i) => [`${tones}_strength`,
    `c += 0.001 * amount * vec3(0.6, 0.1, -0.7) * (1.0 - smoothstep(0.0, 0.5, abs(${LUMA} - ${[0, 0.5, 1, 0.5][i].toFixed(1)})));`])),
};

/** Draws the layers of a document filter by filter. */
export class Chain {
  /** @param {{photo: ImageBitmap, mattes: Object<string, ImageBitmap>}} pictures of one photo */
  constructor(gl, { photo, mattes }) {
    this.gl = gl;
    const texture = ({ width, height }, format) => {
      const made = new Texture(gl, { format, width, height });
      made.filter(gl.LINEAR, gl.LINEAR);
      return made;
    };
    const load = (bitmap) => {
      const made = texture(bitmap, gl.RGBA8);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
      return made;
    };
    this.photo = load(photo);
    this.mattes = Object.fromEntries(Object.entries(mattes).map(([kind, bitmap]) => [kind, load(bitmap)]));
    this.spare = [0, 1, 2].map(() => texture(photo, gl.RGBA8));
    this.target = new Target(gl);
    const compile = (body) => new Program(gl, VERTEX, shader(body));
    this.filters = Object.fromEntries(Object.entries(FILTERS).map(([name, body]) => [name, compile(body)]));
    this.mix = compile('c = mix(texture(base, texCoord).rgb, c, texture(matte, texCoord).r);');
    this.show = compile('');
  }

  draw(layers) {
    const { gl } = this;
    let base = this.photo;
    for (const { mask, adjustments, curves } of layers) {
      let current = base;
      const amounts = { ...adjustments, ...Object.fromEntries(Object.keys(curves).map((name) => [name, 20])) };
      for (const [name, amount] of Object.entries(amounts)) {
        if (!this.filters[name]) continue; // what shapes another, or what no such pass can do
        current = this.#pass(this.filters[name], current, base, null, amount);
      }
      base = mask ? this.#pass(this.mix, current, base, this.mattes[mask.kind], 0) : current;
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.#run(this.show, base);
  }

  #pass(program, current, base, matte, amount) {
    const next = this.spare.find((each) => each !== current && each !== base);
    this.target.begin(next);
    base.bind(1);
    matte?.bind(2);
    this.#run(program, current, amount);
    return next;
  }

  #run(program, current, amount = 0) {
    const { gl } = this;
    program.use();
    current.bind(0);
    gl.uniform1i(program.at('photo'), 0);
    gl.uniform1i(program.at('base'), 1);
    gl.uniform1i(program.at('matte'), 2);
    gl.uniform1f(program.at('amount'), amount);
    fill(gl);
  }
}
