// A slice, or a slab, through any place, sampled between voxels; nothing is rounded to a voxel.

// Fills `out` (width x height) with codes; outside the scan lies -1.
function sampleInto(out, scan, origin, acrossMm, downMm, width, height) {
  const { codes, shape } = scan;
  const [slices, rows, columns] = shape;
  const start = scan.indexOf(origin);
  const across = minus(scan.indexOf(add(origin, acrossMm)), start);
  const down = minus(scan.indexOf(add(origin, downMm)), start);
  const rowStep = columns, sliceStep = rows * columns;
  for (let y = 0, n = 0; y < height; y++) {
    for (let x = 0; x < width; x++, n++) {
      let s = start[0] + across[0] * x + down[0] * y;
      let a = start[1] + across[1] * x + down[1] * y;
      let r = start[2] + across[2] * x + down[2] * y;
      if (s < -0.5 || a < -0.5 || r < -0.5 || s > slices - 0.5 || a > rows - 0.5 || r > columns - 0.5) {
        out[n] = -1;
        continue;
      }
      s = s < 0 ? 0 : s > slices - 1 ? slices - 1 : s;
      a = a < 0 ? 0 : a > rows - 1 ? rows - 1 : a;
      r = r < 0 ? 0 : r > columns - 1 ? columns - 1 : r;
      const s0 = s | 0, a0 = a | 0, r0 = r | 0;
      const fs = s - s0, fa = a - a0, fr = r - r0;
      const at = s0 * sliceStep + a0 * rowStep + r0;
      const ds = s0 < slices - 1 ? sliceStep : 0, da = a0 < rows - 1 ? rowStep : 0, dr = r0 < columns - 1 ? 1 : 0;
      const near = (codes[at] * (1 - fr) + codes[at + dr] * fr) * (1 - fa)
        + (codes[at + da] * (1 - fr) + codes[at + da + dr] * fr) * fa;
      if (fs < 1e-4) { out[n] = near; continue; }
      const far = at + ds;
      out[n] = near * (1 - fs) + ((codes[far] * (1 - fr) + codes[far + dr] * fr) * (1 - fa)
        + (codes[far + da] * (1 - fr) + codes[far + da + dr] * fr) * fa) * fs;
    }
  }
  return out;
}

// Codes of a slab of some thickness about a plane; 0 for a single slice.
function sampleSlab(scan, plane, origin, stepMm, width, height, slabMm, projection) {
  const across = scaled(plane.right, stepMm), down = scaled(plane.down, stepMm);
  const count = slabMm > 0 ? Math.max(2, Math.round(slabMm / scan.spacing[plane.axis])) : 1;
  const out = new Float32Array(width * height);
  if (count === 1) return sampleInto(out, scan, origin, across, down, width, height);
  const one = new Float32Array(width * height), counts = new Uint8Array(width * height);
  out.fill(-1);
  for (let k = 0; k < count; k++) {
    const from = add(origin, plane.normal, (k / (count - 1) - 0.5) * slabMm);
    sampleInto(one, scan, from, across, down, width, height);
    for (let n = 0; n < out.length; n++) {
      const code = one[n];
      if (code < 0) continue;
      if (out[n] < 0) out[n] = code;
      else if (projection === "mean") out[n] += code;
      else if (projection === "minimum") out[n] = Math.min(out[n], code);
      else out[n] = Math.max(out[n], code);
      counts[n]++;
    }
  }
  if (projection === "mean") for (let n = 0; n < out.length; n++) if (counts[n]) out[n] /= counts[n];
  return out;
}

// Greys of codes, from dark at `low` to bright at `high` (codes).
function greyImage(codes, width, height, low, high) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const factor = 255 / Math.max(high - low, 1e-3);
  for (let n = 0; n < codes.length; n++) {
    const code = codes[n];
    if (code < 0) { pixels[n] = 0xff000000; continue; }
    const grey = clamp(Math.round((code - low) * factor), 0, 255);
    pixels[n] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  return image;
}
