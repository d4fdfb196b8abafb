// Marks on a slice: the same rules as the program's own (fading within 3 mm, outlines on any grey).

function opacityAt(distanceMm, halfMm, fadeMm, faintest) {
  const away = Math.abs(distanceMm);
  if (away <= halfMm + 1e-6) return 1;
  return away > halfMm + fadeMm ? 0 : 1 - ((1 - faintest) * (away - halfMm)) / fadeMm;
}

// Vertices no more than 1 mm apart, so that a line that leaves the slice fades along its way.
function dense(vertices) {
  const out = [vertices[0]];
  for (let n = 1; n < vertices.length; n++) {
    const pieces = clamp(Math.ceil(distance(vertices[n - 1], vertices[n])), 1, 400);
    for (let k = 1; k <= pieces; k++) out.push(add(vertices[n - 1], minus(vertices[n], vertices[n - 1]), k / pieces));
  }
  return out;
}

// Parts of a mark on a slice: [{from, to, opacity}] in pixels; `depth` is the distance from the slice.
function strokesOf(mark, toScreen, depth, halfMm, rules) {
  const opacity = (place) => opacityAt(depth(place), halfMm, rules.fadeMm, rules.faintest);
  if (mark.vertices.length === 1 || mark.kind === "arrow") {
    const shown = opacity(mark.anchor);
    if (!shown) return [];
    return [{ from: toScreen(mark.vertices[0]), to: toScreen(mark.anchor), opacity: shown }];
  }
  const line = dense(mark.kind === "region" ? [...mark.vertices, mark.vertices[0]] : mark.vertices);
  const out = [];
  for (let n = 1; n < line.length; n++) {
    const shown = Math.min(opacity(line[n - 1]), opacity(line[n]));
    if (shown) out.push({ from: toScreen(line[n - 1]), to: toScreen(line[n]), opacity: shown });
  }
  return out;
}

function arrowOutline(from, to, half) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const along = length > 0 ? [(to[0] - from[0]) / length, (to[1] - from[1]) / length] : [0, 1];
  const head = Math.min(6.5 * half, 0.8 * Math.max(length, 1)), thin = head / 6.5;
  const at = (back, side) => [to[0] - along[0] * back - along[1] * side, to[1] - along[1] * back + along[0] * side];
  return [at(length, thin), at(head, thin), at(head, head / 2), to, at(head, -head / 2), at(head, -thin), at(length, -thin)];
}

function drawMark(context, mark, strokes, scale, chosen) {
  const colour = mark.colour, width = (chosen ? 3 : 2) * scale;
  context.lineJoin = context.lineCap = "round";
  if (mark.isText) return;
  if (mark.kind === "arrow") {
    const [{ from, to, opacity }] = strokes;
    context.globalAlpha = opacity;
    context.beginPath();
    arrowOutline(from, to, (chosen ? 2.6 : 2) * scale).forEach((p, n) => (n ? context.lineTo(...p) : context.moveTo(...p)));
    context.closePath();
    context.lineWidth = 3 * scale;
    context.strokeStyle = "#000";
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  } else if (mark.kind === "point") {
    const [{ to, opacity }] = strokes;
    context.globalAlpha = opacity;
    for (const [line, style] of [[width + 2.5 * scale, "#000"], [width, colour]]) {
      context.beginPath();
      context.arc(to[0], to[1], 6 * scale, 0, 7);
      context.lineWidth = line;
      context.strokeStyle = style;
      context.stroke();
    }
  } else {
    for (const [line, style] of [[width + 2.5 * scale, "#000"], [width, colour]]) {
      context.lineWidth = line;
      context.strokeStyle = style;
      for (const { from, to, opacity } of strokes) {
        context.globalAlpha = opacity;
        context.beginPath();
        context.moveTo(...from);
        context.lineTo(...to);
        context.stroke();
      }
    }
    if (mark.kind === "ruler") {
      for (const end of [strokes[0].from, strokes[strokes.length - 1].to]) {
        context.beginPath();
        context.arc(end[0], end[1], 3 * scale, 0, 7);
        context.fillStyle = colour;
        context.fill();
      }
    }
  }
  context.globalAlpha = 1;
}

// Words beside marks; none stands on another, none leaves the picture. Returns the boxes.
function drawLabels(context, labels, scale, width, height) {
  // Where the letters of the directions and the scale bar stand.
  const taken = [[0, height / 2], [width - 26 * scale, height / 2], [width / 2 - 13 * scale, 24 * scale]].map(
    ([x, y]) => ({ x, y: y - 9 * scale, w: 26 * scale, h: 18 * scale }));
  context.textBaseline = "middle";
  for (const { mark, at, away, opacity, chosen } of labels) {
    const text = mark.words.length > 60 ? `${mark.words.slice(0, 58)}…` : mark.words;
    context.font = `${chosen ? "600 " : ""}${13 * scale}px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
    const w = context.measureText(text).width, h = 17 * scale, gap = 9 * scale;
    const left = away[0] < 0, up = away[1] < 0;
    const spots = [[left ? -w - gap : gap, -h / 2], [-w / 2, up ? -h - gap : gap], [left ? gap : -w - gap, -h / 2],
      [-w / 2, up ? gap : -h - gap], [gap, h], [-w - gap, -2 * h], [gap, -2 * h], [-w - gap, h]];
    const boxes = spots.map(([dx, dy]) => ({
      x: clamp(at[0] + dx, 3 * scale, Math.max(3 * scale, width - w - 3 * scale)),
      y: clamp(at[1] + dy, 22 * scale, Math.max(22 * scale, height - h - 18 * scale)), w, h,
    }));
    const free = (box) => taken.every((o) => box.x + box.w < o.x || o.x + o.w < box.x || box.y + box.h < o.y || o.y + o.h < box.y);
    const box = boxes.find(free) || (chosen ? boxes[0] : null);
    if (!box) continue;
    taken.push({ ...box, mark });
    context.globalAlpha = Math.max(opacity, 0.6);
    context.lineWidth = 3.5 * scale;
    context.strokeStyle = "#000";
    context.strokeText(text, box.x, box.y + h / 2);
    context.fillStyle = mark.colour;
    context.fillText(text, box.x, box.y + h / 2);
  }
  context.globalAlpha = 1;
  return taken;
}

function distanceToStroke([x, y], { from, to }) {
  const dx = to[0] - from[0], dy = to[1] - from[1];
  const along = clamp(((x - from[0]) * dx + (y - from[1]) * dy) / Math.max(dx * dx + dy * dy, 1e-9), 0, 1);
  return Math.hypot(x - from[0] - dx * along, y - from[1] - dy * along);
}
