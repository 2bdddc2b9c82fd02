/**
 * Colours looked up in LUTs: the same four corners of a cell that envo/cube.py's `Lut.apply` takes, so that both make
 * the same of a photo. A LUT lies in the slices of \`uLuts\` from \`low.w\` on: a cube as a slice for each blue, a ramp
 * entry by entry.
 */
export const LUT = `
uniform sampler2DArray uLuts;  // entries, encoded sRGB

vec3 rampEntries(ivec3 entries, int first) {
  ivec3 sides = ivec3(textureSize(uLuts, 0).xy, 1);
  sides.z = sides.x * sides.y;
  vec3 found;
  for (int channel = 0; channel < 3; channel++) {
    int i = entries[channel];
    found[channel] = texelFetch(uLuts, ivec3(i % sides.x, (i / sides.x) % sides.y, first + i / sides.z), 0)[channel];
  }
  return found;
}

/** What the LUT has for an encoded colour. low: of its domain; first slice. scale: 1 / domain; size, negative for a ramp */
vec3 lookUp(vec3 encoded, vec4 low, vec4 scale) {
  vec3 place = clamp((encoded - low.rgb) * scale.rgb, 0.0, 1.0) * (abs(scale.w) - 1.0);
  ivec3 cell = min(ivec3(place), ivec3(abs(scale.w)) - 2);
  vec3 share = place - vec3(cell);
  int slice = int(low.w);
  if (scale.w < 0.0) return mix(rampEntries(cell, slice), rampEntries(cell + 1, slice), share);

  float most = max(share.r, max(share.g, share.b));
  float least = min(share.r, min(share.g, share.b));
  float middle = max(min(share.r, share.g), min(max(share.r, share.g), share.b));
  ivec3 first = share.r >= share.g
    ? (share.r >= share.b ? ivec3(1, 0, 0) : ivec3(0, 0, 1))
    : (share.g >= share.b ? ivec3(0, 1, 0) : ivec3(0, 0, 1));
  ivec3 last = share.b <= share.g
    ? (share.b <= share.r ? ivec3(0, 0, 1) : ivec3(1, 0, 0))
    : (share.g <= share.r ? ivec3(0, 1, 0) : ivec3(1, 0, 0));
  ivec3 corner = cell + ivec3(0, 0, slice);
  return (1.0 - most) * texelFetch(uLuts, corner, 0).rgb
    + (most - middle) * texelFetch(uLuts, corner + first, 0).rgb
    + (middle - least) * texelFetch(uLuts, corner + 1 - last, 0).rgb
    + least * texelFetch(uLuts, corner + 1, 0).rgb;
}
`;
