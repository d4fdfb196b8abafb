// Unpacks a zlib stream (RFC 1950, 1951) where the browser has no DecompressionStream.

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const BACK_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
  4097, 6145, 8193, 12289, 16385, 24577];
const BACK_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function huffman(lengths) {
  const counts = new Uint16Array(16), symbols = new Uint16Array(lengths.length), offsets = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  for (let n = 1; n < 16; n++) offsets[n] = offsets[n - 1] + counts[n - 1];
  lengths.forEach((length, symbol) => { if (length) symbols[offsets[length]++] = symbol; });
  return { counts, symbols };
}

function inflate(bytes, expected) {
  const out = new Uint8Array(expected);
  let at = 2, bit = 0, held = 0, written = 0; // two bytes of zlib's header
  const bits = (count) => {
    while (bit < count) { held |= bytes[at++] << bit; bit += 8; }
    const value = held & ((1 << count) - 1);
    held >>>= count;
    bit -= count;
    return value;
  };
  const symbol = ({ counts, symbols }) => {
    let code = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      code |= bits(1);
      const count = counts[length];
      if (code - count < first) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error("the scan in this page is damaged");
  };
  for (let last = false; !last;) {
    last = bits(1) === 1;
    const kind = bits(2);
    if (kind === 0) {
      held = 0; bit = 0;
      const length = bytes[at] | (bytes[at + 1] << 8);
      out.set(bytes.subarray(at + 4, at + 4 + length), written);
      at += 4 + length;
      written += length;
      continue;
    }
    let literals, backs;
    if (kind === 1) {
      const fixed = [...new Array(144).fill(8), ...new Array(112).fill(9), ...new Array(24).fill(7), ...new Array(8).fill(8)];
      literals = huffman(fixed);
      backs = huffman(new Array(30).fill(5));
    } else {
      const literalCount = bits(5) + 257, backCount = bits(5) + 1, codeCount = bits(4) + 4;
      const codes = new Array(19).fill(0);
      for (let n = 0; n < codeCount; n++) codes[CODE_ORDER[n]] = bits(3);
      const table = huffman(codes), lengths = [];
      while (lengths.length < literalCount + backCount) {
        const one = symbol(table);
        if (one < 16) lengths.push(one);
        else {
          const again = one === 16 ? lengths[lengths.length - 1] : 0;
          const count = one === 16 ? 3 + bits(2) : one === 17 ? 3 + bits(3) : 11 + bits(7);
          for (let n = 0; n < count; n++) lengths.push(again);
        }
      }
      literals = huffman(lengths.slice(0, literalCount));
      backs = huffman(lengths.slice(literalCount));
    }
    for (;;) {
      const one = symbol(literals);
      if (one < 256) out[written++] = one;
      else if (one === 256) break;
      else {
        const length = LENGTH_BASE[one - 257] + bits(LENGTH_BITS[one - 257]);
        const far = symbol(backs);
        const back = BACK_BASE[far] + bits(BACK_BITS[far]);
        for (let n = 0; n < length; n++, written++) out[written] = out[written - back];
      }
    }
  }
  return out;
}
