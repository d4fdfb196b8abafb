// Places are [R, A, S] in mm. Matrices are 16 numbers, row by row.

const add = (p, q, factor = 1) => [p[0] + q[0] * factor, p[1] + q[1] * factor, p[2] + q[2] * factor];
const minus = (p, q) => add(p, q, -1);
const dot = (p, q) => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
const size = (p) => Math.sqrt(dot(p, p));
const scaled = (p, factor) => [p[0] * factor, p[1] * factor, p[2] * factor];
const unit = (p) => scaled(p, 1 / size(p));
const distance = (p, q) => size(minus(p, q));
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const transformed = (m, p) => [
  m[0] * p[0] + m[1] * p[1] + m[2] * p[2] + m[3],
  m[4] * p[0] + m[5] * p[1] + m[6] * p[2] + m[7],
  m[8] * p[0] + m[9] * p[1] + m[10] * p[2] + m[11],
];

function inverse(m) {
  const [a, b, c, , d, e, f, , g, h, i] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const r = [
    (e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det,
    (f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det,
    (d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det,
  ];
  const t = [m[3], m[7], m[11]];
  const row = (n) => [r[n], r[n + 1], r[n + 2], -(r[n] * t[0] + r[n + 1] * t[1] + r[n + 2] * t[2])];
  return [...row(0), ...row(3), ...row(6), 0, 0, 0, 1];
}

// "R 17.6 P 35.3 S 12.1 mm", as a radiologist says a place.
function placeWords(place) {
  const letters = [["R", "L"], ["A", "P"], ["S", "I"]];
  const said = place.map((value, axis) => {
    const shown = Math.abs(value).toFixed(1);
    return `${letters[axis][value >= 0 || shown === "0.0" ? 0 : 1]} ${shown}`;
  });
  return `${said.join(" ")} mm`;
}

// Letters of a direction, the dominant first ("RP"): a further one for each axis tilted towards by 3 degrees or more.
function directionLetters(direction) {
  const v = unit(direction);
  const order = [0, 1, 2].sort((p, q) => Math.abs(v[q]) - Math.abs(v[p]) || p - q);
  const least = Math.sin((3 * Math.PI) / 180);
  return order
    .filter((axis, rank) => rank === 0 || Math.abs(v[axis]) >= least)
    .map((axis) => (v[axis] > 0 ? "RAS" : "LPI")[axis])
    .join("");
}

function nearestOnSegment(place, start, end) {
  const step = minus(end, start);
  const along = clamp(dot(minus(place, start), step) / Math.max(dot(step, step), 1e-300), 0, 1);
  return add(start, step, along);
}

function nearestOnLine(vertices, place) {
  let best = vertices[0];
  for (let n = 1; n < vertices.length; n++) {
    const here = nearestOnSegment(place, vertices[n - 1], vertices[n]);
    if (distance(here, place) < distance(best, place)) best = here;
  }
  return best;
}

// In a region all counts that its outline encloses, in its plane.
function nearestInOutline(vertices, place) {
  const closed = [...vertices, vertices[0]];
  const middle = scaled(vertices.reduce((sum, v) => add(sum, v), [0, 0, 0]), 1 / vertices.length);
  const normal = [0, 0, 0];
  for (let n = 1; n < closed.length; n++) {
    const p = minus(closed[n - 1], middle), q = minus(closed[n], middle);
    normal[0] += p[1] * q[2] - p[2] * q[1];
    normal[1] += p[2] * q[0] - p[0] * q[2];
    normal[2] += p[0] * q[1] - p[1] * q[0];
  }
  if (size(normal) > 1e-9) {
    const n = unit(normal);
    const helper = Math.abs(n[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
    const u = unit(add(helper, n, -dot(helper, n)));
    const v = [n[1] * u[2] - n[2] * u[1], n[2] * u[0] - n[0] * u[2], n[0] * u[1] - n[1] * u[0]];
    const flat = (p) => [dot(minus(p, middle), u), dot(minus(p, middle), v)];
    const at = flat(place);
    let inside = false;
    for (let k = 1; k < closed.length; k++) {
      const [x1, y1] = flat(closed[k - 1]), [x2, y2] = flat(closed[k]);
      if (y1 > at[1] !== y2 > at[1] && at[0] < ((x2 - x1) * (at[1] - y1)) / (y2 - y1) + x1) inside = !inside;
    }
    if (inside) return add(add(middle, u, at[0]), v, at[1]);
  }
  return nearestOnLine(closed, place);
}

// Of an arrow its tip counts, of a path its whole line.
function nearestOfMark(mark, place) {
  if (mark.kind === "path" || mark.kind === "ruler") return nearestOnLine(mark.vertices, place);
  if (mark.kind === "region") return nearestInOutline(mark.vertices, place);
  return mark.anchor;
}
