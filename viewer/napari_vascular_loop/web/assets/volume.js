// The scan: 8-bit codes along S, A, R (R fastest), and where they lie.

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n);
  return bytes;
}

async function unpacked(bytes, expected) {
  if (typeof DecompressionStream === "undefined") return inflate(bytes, expected);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Undoes what the page's maker did: each code is stored as its difference from what its neighbours let expect (LOCO-I).
function unpredict(codes, [slices, rows, columns]) {
  for (let s = 0; s < slices; s++) {
    for (let y = 0; y < rows; y++) {
      const row = (s * rows + y) * columns;
      let a = 0, c = 0;
      for (let x = 0; x < columns; x++) {
        const b = y ? codes[row - columns + x] : 0;
        const low = a < b ? a : b, high = a < b ? b : a;
        const expected = c >= high ? low : c <= low ? high : a + b - c;
        a = codes[row + x] = (codes[row + x] + expected) & 255;
        c = b;
      }
    }
  }
  return codes;
}

class Scan {
  constructor(about, number) {
    Object.assign(this, about);
    this.number = number;
    this.rasToIndex = inverse(this.indexToRas);
    const column = (n) => [this.indexToRas[n], this.indexToRas[n + 4], this.indexToRas[n + 8]];
    this.spacing = [0, 1, 2].map((n) => size(column(n)));
    const [s, a, r] = [0, 1, 2].map((n) => unit(column(n)));
    // On screen the patient's left is on the right, the front is up, or on the left: radiological convention.
    this.planes = {
      axial: { axis: 0, normal: s, right: scaled(r, -1), down: scaled(a, -1) },
      coronal: { axis: 1, normal: a, right: scaled(r, -1), down: scaled(s, -1) },
      sagittal: { axis: 2, normal: r, right: scaled(a, -1), down: scaled(s, -1) },
    };
    this.middle = transformed(this.indexToRas, this.shape.map((n) => (n - 1) / 2));
  }

  async load() {
    if (!this.codes) {
      const holder = document.getElementById(`volume-${this.number}`);
      const bytes = bytesOf(holder.textContent);
      const codes = await unpacked(bytes, this.shape[0] * this.shape[1] * this.shape[2]);
      this.codes = unpredict(codes, this.shape);
      holder.textContent = "";
    }
    return this;
  }

  indexOf(place) { return transformed(this.rasToIndex, place); }

  // The same place, moved along an axis to an index.
  withIndex(place, axis, index) {
    const at = this.indexOf(place);
    at[axis] = clamp(index, 0, this.shape[axis] - 1);
    return transformed(this.indexToRas, at);
  }

  inside(place) {
    return transformed(this.indexToRas, this.indexOf(place).map((value, axis) => clamp(value, 0, this.shape[axis] - 1)));
  }

  extentMm(axis) { return this.shape[axis] * this.spacing[axis]; }

  valueOf(code) { return this.values[0] + (code / 255) * (this.values[1] - this.values[0]); }
  codeOf(value) { return ((value - this.values[0]) / (this.values[1] - this.values[0])) * 255; }
}
