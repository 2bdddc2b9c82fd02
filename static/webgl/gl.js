// The few WebGL2 objects the renderer needs. Each class owns what it creates and gives it back in dispose().

/** The browser cannot draw the editor: no WebGL2. */
export class NoWebGL2 extends Error {}

/**
 * A WebGL2 context for showing photos: no antialiasing, since the picture is drawn pixel by pixel.
 * @throws {NoWebGL2}
 */
export function createContext(canvas) {
  const gl = canvas.getContext('webgl2', { antialias: false, depth: false, powerPreference: 'high-performance' });
  if (!gl) throw new NoWebGL2('This browser offers no WebGL2.');
  return gl;
}

/** Whether half-float textures can be drawn to; true for every GPU of the last years, phones included. */
export function canDrawHalf(gl) {
  return Boolean(gl.getExtension('EXT_color_buffer_float') || gl.getExtension('EXT_color_buffer_half_float'));
}

const waiting = new WeakMap(); // context -> programs that are not compiled yet

/** Has all programs of a context compiled that are made, and waits for none: the page holds still for those in use alone. */
export function compile(gl) {
  waiting.get(gl)?.forEach((program) => program.compile());
}

/** A vertex and a fragment shader, compiled when they are first used; `at(name)` is a uniform's location. */
export class Program {
  #gl;
  #sources;
  #shaders = []; // while nobody knows whether they are compiled
  #program = null;
  #locations = new Map();

  constructor(gl, vertex, fragment) {
    this.#gl = gl;
    this.#sources = [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]];
    if (!waiting.has(gl)) waiting.set(gl, new Set());
    waiting.get(gl).add(this);
  }

  /** Has it compiled by the GPU's own process. */
  compile() {
    const gl = this.#gl;
    waiting.get(gl).delete(this);
    this.#program = gl.createProgram();
    this.#shaders = this.#sources.map(([type, source]) => {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      return shader;
    });
    gl.linkProgram(this.#program);
  }

  use() {
    this.#gl.useProgram(this.#compiled());
  }

  at(name) {
    if (!this.#locations.has(name)) {
      this.#locations.set(name, this.#gl.getUniformLocation(this.#compiled(), name));
    }
    return this.#locations.get(name);
  }

  /** Connects a uniform block to a binding point. */
  bindBlock(name, point) {
    const gl = this.#gl;
    gl.uniformBlockBinding(this.#compiled(), gl.getUniformBlockIndex(this.#program, name), point);
  }

  dispose() {
    waiting.get(this.#gl).delete(this);
    this.#gl.deleteProgram(this.#program);
  }

  #compiled() {
    const gl = this.#gl;
    if (!this.#program) this.compile();
    if (!this.#shaders.length) return this.#program;
    const failed = !gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost();
    const log = failed && [...this.#shaders.map((s) => gl.getShaderInfoLog(s)), gl.getProgramInfoLog(this.#program)];
    this.#shaders.forEach((shader) => gl.deleteShader(shader));
    this.#shaders = [];
    if (failed) {
      gl.deleteProgram(this.#program);
      this.#program = null; // so that whoever uses it again hears so again
      throw new Error(`A shader does not compile: ${log.join('\n')}`);
    }
    return this.#program;
  }
}

/** A uniform block's memory. */
export class UniformBuffer {
  #gl;
  #buffer;

  constructor(gl, bytes) {
    this.#gl = gl;
    this.#buffer = gl.createBuffer();
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.#buffer);
    gl.bufferData(gl.UNIFORM_BUFFER, bytes, gl.DYNAMIC_DRAW);
  }

  write(data) {
    this.#gl.bindBuffer(this.#gl.UNIFORM_BUFFER, this.#buffer);
    this.#gl.bufferSubData(this.#gl.UNIFORM_BUFFER, 0, data);
  }

  bind(point) {
    this.#gl.bindBufferBase(this.#gl.UNIFORM_BUFFER, point, this.#buffer);
  }

  dispose() {
    this.#gl.deleteBuffer(this.#buffer);
  }
}

/** A texture of fixed size: flat, or with `slices` an array of them. Edges are clamped. */
export class Texture {
  #gl;
  #texture;

  /** @param {{format: number, width: number, height: number, levels?: number, slices?: number}} shape */
  constructor(gl, { format, width, height, levels = 1, slices = 0 }) {
    this.#gl = gl;
    this.#texture = gl.createTexture();
    this.target = slices ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D;
    this.format = format;
    this.width = width;
    this.height = height;
    this.slices = slices;
    this.levels = levels;
    this.bind(0);
    if (slices) gl.texStorage3D(this.target, levels, format, width, height, slices);
    else gl.texStorage2D(this.target, levels, format, width, height);
    gl.texParameteri(this.target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(this.target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    this.filter(gl.NEAREST, gl.NEAREST);
  }

  /** Makes this the texture of a texture unit, which stays the active one. */
  bind(unit) {
    this.#gl.activeTexture(this.#gl.TEXTURE0 + unit);
    this.#gl.bindTexture(this.target, this.#texture);
  }

  /** Filters of the bound texture: one for shrinking, one for enlarging. */
  filter(minify, magnify) {
    this.#gl.texParameteri(this.target, this.#gl.TEXTURE_MIN_FILTER, minify);
    this.#gl.texParameteri(this.target, this.#gl.TEXTURE_MAG_FILTER, magnify);
  }

  /** Attaches one slice (or the flat texture) to the bound framebuffer. */
  attach(slice = 0) {
    const gl = this.#gl;
    if (this.slices) {
      gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, this.#texture, 0, slice);
    } else {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#texture, 0);
    }
  }

  dispose() {
    this.#gl.deleteTexture(this.#texture);
  }
}

/** A framebuffer that draws into textures. */
export class Target {
  #gl;
  #framebuffer;

  constructor(gl) {
    this.#gl = gl;
    this.#framebuffer = gl.createFramebuffer();
  }

  /** Draws from now on go into `texture` (a slice of it), over its whole size. */
  begin(texture, slice = 0) {
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, this.#framebuffer);
    texture.attach(slice);
    this.#gl.viewport(0, 0, texture.width, texture.height);
  }

  dispose() {
    this.#gl.deleteFramebuffer(this.#framebuffer);
  }
}

/** A triangle that covers the viewport: drawn with the vertex shader of shaders/common.glsl.js, without buffers. */
export function fill(gl) {
  gl.drawArrays(gl.TRIANGLES, 0, 3);
}

/**
 * Reads the bound framebuffer into `pixels` (RGBA, 8 bits) when it is drawn, without holding up the page.
 * Nothing is read when the context is lost on the way.
 */
export async function readLater(gl, width, height, pixels) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
  gl.bufferData(gl.PIXEL_PACK_BUFFER, pixels.byteLength, gl.STREAM_READ);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
  gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  const drawn = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  while (gl.clientWaitSync(drawn, 0, 0) === gl.TIMEOUT_EXPIRED) {
    await new Promise((again) => { setTimeout(again, 4); });
  }
  if (!gl.isContextLost()) {
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, pixels);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
  }
  gl.deleteSync(drawn);
  gl.deleteBuffer(buffer);
}
