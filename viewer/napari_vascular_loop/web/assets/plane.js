// Draws one plane of a scan on a canvas. State comes from outside; nothing is kept but what was drawn, for the mouse.

class PlanePicture {
  constructor(canvas, rules) {
    this.canvas = canvas;
    this.rules = rules;
    this.drawn = [];
    this.boxes = [];
    this.buffer = document.createElement("canvas");
  }

  // What the canvas shows: its centre lies in the plane through `place`.
  lay(scan, name, view) {
    const plane = scan.planes[name];
    const { width, height } = this.canvas;
    const stepMm = view.fieldMm / Math.min(width, height);
    const centre = add(view.centre, plane.normal, dot(minus(view.place, view.centre), plane.normal));
    this.plane = plane;
    this.stepMm = stepMm;
    this.toPlace = ([x, y]) => add(add(centre, plane.right, (x - width / 2) * stepMm), plane.down, (y - height / 2) * stepMm);
    this.toScreen = (place) => {
      const off = minus(place, centre);
      return [width / 2 + dot(off, plane.right) / stepMm, height / 2 + dot(off, plane.down) / stepMm];
    };
    this.depth = (place) => dot(minus(place, view.place), plane.normal);
  }

  draw(scan, name, view, marks, chosen, options) {
    const { canvas } = this;
    const { width, height } = canvas;
    const context = canvas.getContext("2d");
    const scale = options.scale;
    this.lay(scan, name, view);
    // Fine enough for the voxels, no finer than the screen.
    const coarse = Math.max(1, Math.floor((Math.min(...scan.spacing) / 2) / this.stepMm));
    const w = Math.ceil(width / coarse) + 1, h = Math.ceil(height / coarse) + 1;
    const codes = sampleSlab(scan, this.plane, this.toPlace([0, 0]), this.stepMm * coarse, w, h, view.slabMm, view.projection);
    this.buffer.width = w;
    this.buffer.height = h;
    this.buffer.getContext("2d").putImageData(greyImage(codes, w, h, view.low, view.high), 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    // The middle of the first sample lies on the screen's corner: canvas pixels are counted from their edges.
    context.drawImage(this.buffer, -coarse / 2, -coarse / 2, w * coarse, h * coarse);
    const half = view.slabMm / 2 + scan.spacing[this.plane.axis] / 2;
    this.drawn = [];
    this.boxes = [];
    if (options.crosshair) this.drawCrosshair(context, view.place, scale);
    for (const mark of marks) {
      const strokes = strokesOf(mark, this.toScreen, this.depth, half, this.rules);
      if (strokes.length) this.drawn.push({ mark, strokes });
    }
    for (const { mark, strokes } of this.drawn) drawMark(context, mark, strokes, scale, mark === chosen);
    // On the small planes only the chosen mark is named, on the main one those that the slice goes through.
    const named = ({ mark, opacity }) => mark.words && (mark === chosen || mark.isText || (options.main && opacity > 0.9));
    for (const one of this.drawn) one.opacity = Math.max(...one.strokes.map(({ opacity }) => opacity));
    const labels = this.drawn.filter(named).map(({ mark, strokes, opacity }) => {
      const first = strokes[0], last = strokes[strokes.length - 1];
      const outermost = strokes.reduce((best, one) => (one.to[0] > best.to[0] ? one : best), first);
      const at = mark.kind === "arrow" ? first.from : strokes.length > 1 ? outermost.to : last.to;
      const away = mark.kind === "arrow" ? [first.from[0] - first.to[0], first.from[1] - first.to[1]] : [1, -1];
      return { mark, at, away, opacity, chosen: mark === chosen };
    });
    labels.sort((p, q) => q.chosen - p.chosen || q.opacity - p.opacity);
    if (options.labels) this.boxes = drawLabels(context, labels, scale, width, height);
    this.drawFurniture(context, scan, scale, options);
  }

  drawCrosshair(context, place, scale) {
    const [x, y] = this.toScreen(place), gap = 10 * scale;
    const { width, height } = this.canvas;
    context.strokeStyle = "#7fd4ff";
    context.globalAlpha = 0.75;
    context.lineWidth = scale;
    context.beginPath();
    for (const [x1, y1, x2, y2] of [[0, y, x - gap, y], [x + gap, y, width, y], [x, 0, x, y - gap], [x, y + gap, x, height]]) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  // Letters of the patient's directions, a scale bar, and a word on a scan that was computed.
  drawFurniture(context, scan, scale, options) {
    const { width, height } = this.canvas;
    const written = (text, x, y, align, colour = "#fff") => {
      context.textAlign = align;
      context.lineWidth = 3 * scale;
      context.strokeStyle = "#000";
      context.strokeText(text, x, y);
      context.fillStyle = colour;
      context.fillText(text, x, y);
      context.textAlign = "left";
    };
    context.textBaseline = "middle";
    context.font = `600 ${13 * scale}px system-ui, "DejaVu Sans", sans-serif`;
    if (scan.orientationKnown) {
      const { right, down } = this.plane;
      written(directionLetters(right), width - 6 * scale, height / 2, "right");
      written(directionLetters(scaled(right, -1)), 6 * scale, height / 2, "left");
      written(directionLetters(down), width / 2, height - 9 * scale, "center");
      written(directionLetters(scaled(down, -1)), width / 2, 11 * scale + (options.top || 0), "center");
    }
    const longest = 0.3 * width * this.stepMm;
    const power = 10 ** Math.floor(Math.log10(longest));
    const length = [5, 2, 1].find((one) => one * power <= longest * (1 + 1e-9)) * power;
    const x = width - 8 * scale, y = height - 10 * scale;
    context.fillStyle = "#000";
    context.fillRect(x - length / this.stepMm - scale, y - 2.5 * scale, length / this.stepMm + 2 * scale, 5 * scale);
    context.fillStyle = "#fff";
    context.fillRect(x - length / this.stepMm, y - 1.5 * scale, length / this.stepMm, 3 * scale);
    context.font = `${11 * scale}px system-ui, "DejaVu Sans", sans-serif`;
    written(`${length} mm`, x, y - 10 * scale, "right");
    if (scan.synthetic) written("SYNTHETIC", 6 * scale, height - 10 * scale, "left", "#ffb27d");
  }

  // The mark under a place of the canvas, within a finger's or the mouse's reach.
  markAt(point, reach) {
    const box = this.boxes.find(({ x, y, w, h }) => point[0] >= x && point[0] <= x + w && point[1] >= y && point[1] <= y + h);
    if (box) return box.mark;
    let best = null, least = reach;
    for (const { mark, strokes } of this.drawn) {
      const away = Math.min(...strokes.map((one) => distanceToStroke(point, one)));
      if (away <= least) [best, least] = [mark, away];
    }
    return best;
  }
}
