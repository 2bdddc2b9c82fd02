import { Program, Texture, fill } from './gl.js';
import { COVER } from './shaders/common.glsl.js';

/** Fragment shaders by their names, each compiled when it is first drawn with. */
export class Programs {
  #gl;
  #sources;
  #made = new Map();

  /** @param {Object<string, string>} sources */
  constructor(gl, sources) {
    this.#gl = gl;
    this.#sources = sources;
  }

  /**
   * Fills what is drawn into.
   * @param {string} name
   * @param {Object<string, number|number[]|{int: number}|{ints: number[]}|{columns: number[]}|{bind: (unit: number) => void}>} uniforms
   *     numbers, vectors of four, whole numbers, 3x3 matrices, or textures; those that the shader does not know are left out
   */
  draw(name, uniforms) {
    const gl = this.#gl;
    if (!this.#made.has(name)) this.#made.set(name, new Program(gl, COVER, this.#sources[name]));
    const program = this.#made.get(name);
    program.use();
    let unit = 0;
    for (const [uniform, value] of Object.entries(uniforms)) {
      const at = program.at(uniform);
      if (at === null) continue;
      if (typeof value === 'number') gl.uniform1f(at, value);
      else if (Array.isArray(value)) gl.uniform4f(at, ...value);
      else if ('int' in value) gl.uniform1i(at, value.int);
      else if ('ints' in value) gl.uniform4i(at, ...value.ints);
      else if ('columns' in value) gl.uniformMatrix3fv(at, false, value.columns);
      else {
        value.bind(unit);
        gl.uniform1i(at, unit);
        unit += 1;
      }
    }
    fill(gl);
  }

  /** A texture of a list of four numbers each, which shaders look up by their place. */
  list(numbers) {
    const gl = this.#gl;
    const width = numbers.length / 4;
    const texture = new Texture(gl, { format: gl.RGBA32F, width, height: 1 });
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, 1, gl.RGBA, gl.FLOAT, numbers);
    return texture;
  }

  dispose() {
    this.#made.forEach((program) => program.dispose());
  }
}
