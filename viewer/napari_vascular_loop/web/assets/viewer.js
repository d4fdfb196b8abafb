// Three planes of one scan that share a place, a grey scale and a zoom.

const PLANES = ["axial", "coronal", "sagittal"];
const find = (id) => document.getElementById(id);

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

class Viewer {
  constructor(lesson) {
    this.lesson = lesson;
    this.scans = lesson.volumes.map((about, number) => new Scan(about, number));
    this.chosen = null;
    this.hidden = false;
    this.asking = false; // while a question is open no mark is there
    this.pin = null; // the student's answer
    this.main = "axial";
    this.onChoose = () => {};
    this.cells = {};
    for (const name of PLANES) this.addPlane(name);
    this.addControls();
    new ResizeObserver(() => this.fitCanvases()).observe(find("planes"));
  }

  async show(number) {
    const scan = await this.scans[number].load();
    if (this.scan === scan) return;
    this.scan = scan;
    find("volume").value = String(number);
    const known = scan.orientationKnown;
    find("convention").textContent = known ? "Radiological view: the patient's left is on the right" : "The orientation of this scan is unknown";
    this.view = { place: scan.middle, centre: scan.middle, slabMm: 0, projection: "maximum" };
    this.resetGrey();
    this.fit();
  }

  // --- what is shown

  fit() {
    this.view.centre = this.scan.middle;
    this.view.fieldMm = Math.max(this.scan.extentMm(1), this.scan.extentMm(2));
    this.update();
  }

  resetGrey() {
    [this.view.low, this.view.high] = this.scan.window.map((value) => this.scan.codeOf(value));
    this.view.slabMm = 0;
    this.update();
  }

  setPlace(place) {
    this.view.place = this.scan.inside(place);
    this.keepInView();
    this.update();
  }

  // When zoomed in, the picture follows the crosshair.
  keepInView() {
    const off = minus(this.view.place, this.view.centre);
    if (size(off) > this.view.fieldMm / 2.2 && this.view.fieldMm < this.scan.extentMm(2)) this.view.centre = this.view.place;
  }

  step(name, count) {
    const { axis } = this.scan.planes[name];
    const index = this.scan.indexOf(this.view.place)[axis];
    // From between two slices to the next one in that direction.
    const next = count > 0 ? Math.floor(index + 1e-4) + count : Math.ceil(index - 1e-4) + count;
    this.view.place = this.scan.withIndex(this.view.place, axis, next);
    this.update();
  }

  nudge(name, right, down) {
    const plane = this.scan.planes[name];
    const mm = Math.min(...this.scan.spacing);
    this.setPlace(add(add(this.view.place, plane.right, right * mm), plane.down, down * mm));
  }

  zoom(factor) {
    const whole = Math.max(this.scan.extentMm(1), this.scan.extentMm(2), this.scan.extentMm(0));
    const fieldMm = clamp(this.view.fieldMm * factor, 8, whole * 1.2);
    if (fieldMm < this.view.fieldMm) {
      // What the crosshair is on stays where it is.
      this.view.centre = add(this.view.place, minus(this.view.centre, this.view.place), fieldMm / this.view.fieldMm);
    } else if (fieldMm >= whole) this.view.centre = this.scan.middle;
    this.view.fieldMm = fieldMm;
    this.update();
  }

  setGrey(level, width) {
    const w = clamp(width, 2, 510), l = clamp(level, -64, 320);
    this.view.low = l - w / 2;
    this.view.high = l + w / 2;
    this.update();
  }

  async goTo(mark, { quietly = false } = {}) {
    if (this.asking) return;
    await this.show(mark.volume);
    this.chosen = mark;
    const { fieldMm, window, slabMm, projection } = mark.view;
    if (window) [this.view.low, this.view.high] = window.map((value) => this.scan.codeOf(value));
    if (slabMm !== null && slabMm !== undefined) this.view.slabMm = slabMm;
    if (projection) this.view.projection = projection;
    this.view.place = this.scan.inside(mark.anchor);
    if (fieldMm) {
      this.view.fieldMm = fieldMm;
      this.view.centre = this.view.place;
    }
    this.keepInView();
    this.makeMain(mark.plane);
    if (!quietly) this.onChoose(mark);
  }

  marks() {
    if (this.asking || this.hidden) return [];
    return this.lesson.marks.filter((mark) => mark.volume === this.scan.number);
  }

  makeMain(name) {
    this.main = name;
    for (const plane of PLANES) this.cells[plane].figure.classList.toggle("main", plane === name);
    if (find("planes").dataset.layout !== "all") this.setLayout(name);
    this.update();
  }

  setLayout(layout) {
    find("planes").dataset.layout = layout;
    if (layout !== "all") {
      this.main = layout;
      for (const plane of PLANES) this.cells[plane].figure.classList.toggle("main", plane === layout);
    }
    for (const button of find("layout").children) button.setAttribute("aria-pressed", String(button.dataset.layout === layout));
    this.fitCanvases();
  }

  // --- drawing

  fitCanvases() {
    const scale = window.devicePixelRatio || 1;
    for (const { canvas } of Object.values(this.cells)) {
      const box = canvas.getBoundingClientRect();
      const width = Math.round(box.width * scale), height = Math.round(box.height * scale);
      if (width && height && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height });
    }
    this.update();
  }

  update() {
    if (this.waiting || !this.scan) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const { view, scan } = this;
    const scale = window.devicePixelRatio || 1;
    const at = scan.indexOf(view.place);
    for (const name of PLANES) {
      const cell = this.cells[name];
      const { axis } = scan.planes[name];
      const marks = this.pin ? [...this.marks(), this.pin] : this.marks();
      if (cell.canvas.getClientRects().length) {
        cell.picture.draw(scan, name, view, marks, this.chosen, { scale, crosshair: true, labels: true, top: 16 * scale, main: name === this.main });
      }
      const number = Math.round(at[axis]) + 1, count = scan.shape[axis];
      const title = name[0].toUpperCase() + name.slice(1);
      const slab = view.slabMm ? `, ${view.slabMm} mm` : "";
      cell.title.textContent = `${title} ${number} / ${count}${slab}`;
      cell.slider.max = String(count - 1);
      cell.slider.value = String(Math.round(at[axis]));
      cell.slider.setAttribute("aria-valuetext", `slice ${number} of ${count}, ${placeWords(view.place)}`);
      cell.canvas.setAttribute("aria-label", `${title} slice ${number} of ${count}. ${this.seenWords(cell.picture)}`);
    }
    const place = find("place");
    const words = scan.orientationKnown ? placeWords(view.place) : view.place.map((v) => v.toFixed(1)).join(" ") + " mm";
    if (place.textContent !== words) place.textContent = words;
    place.dataset.ras = view.place.map((value) => value.toFixed(4)).join(" ");
    const width = view.high - view.low, level = (view.high + view.low) / 2;
    const values = (scan.values[1] - scan.values[0]) / 255;
    find("window").textContent = `W ${Math.round(width * values)} L ${Math.round(scan.valueOf(level))}`;
    find("level").value = String(255 - level);
    find("width").value = String(255 - width);
    find("slab").value = String(view.slabMm);
    find("projection").value = view.projection;
    document.body.dataset.drawn = String(Number(document.body.dataset.drawn || 0) + 1);
  }

  seenWords(picture) {
    const seen = picture.drawn.filter(({ mark }) => mark !== this.pin).map(({ mark }) => mark.title);
    return seen.length ? `Marks here: ${seen.join(", ")}` : "No marks here";
  }

  // --- mouse, fingers, keys

  addPlane(name) {
    const canvas = made("canvas", { tabindex: "0", role: "application", "aria-roledescription": "slice" });
    const title = made("figcaption");
    const slider = made("input", { type: "range", min: "0", step: "1", "aria-label": `${name} slice` });
    const large = made("button", { type: "button", class: "large", "aria-label": `Enlarge the ${name} plane`, title: "Enlarge" }, "⤢");
    const figure = made("figure", { class: name === this.main ? "plane main" : "plane", "data-plane": name }, canvas, title, large, slider);
    find("planes").append(figure);
    const cell = { figure, canvas, title, slider, picture: new PlanePicture(canvas, this.lesson) };
    this.cells[name] = cell;
    large.addEventListener("click", () => this.makeMain(name));
    slider.addEventListener("input", () => {
      const { axis } = this.scan.planes[name];
      this.view.place = this.scan.withIndex(this.view.place, axis, Number(slider.value));
      this.update();
    });
    this.listen(name, cell);
  }

  listen(name, { canvas, picture }) {
    const pointers = new Map();
    let begun = null, wheel = 0;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
    };
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey) { this.zoom(Math.exp(clamp(event.deltaY, -100, 100) * 0.003)); return; }
      wheel += event.deltaMode === 0 ? event.deltaY / 60 : event.deltaY;
      const count = Math.trunc(wheel);
      if (count) { wheel -= count; this.step(name, -clamp(count, -3, 3)); }
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.scan) return;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      pointers.set(event.pointerId, at(event));
      const [p, q] = [...pointers.values()];
      begun = { at: at(event), last: at(event), touch: event.pointerType === "touch", button: event.button, moved: false,
        low: this.view.low, high: this.view.high, apart: q ? Math.hypot(p[0] - q[0], p[1] - q[1]) : 0, steps: 0 };
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!pointers.has(event.pointerId) || !begun) return;
      const here = at(event), scale = window.devicePixelRatio || 1;
      pointers.set(event.pointerId, here);
      const dx = here[0] - begun.at[0], dy = here[1] - begun.at[1];
      if (Math.hypot(dx, dy) > 5 * scale) begun.moved = true;
      if (!begun.moved) return;
      if (pointers.size === 2) {
        const [p, q] = [...pointers.values()];
        const apart = Math.hypot(p[0] - q[0], p[1] - q[1]);
        if (begun.apart) this.zoom(begun.apart / Math.max(apart, 1));
        begun.apart = apart;
      } else if (begun.button === 2) {
        const level = (begun.low + begun.high) / 2 + (dy / canvas.height) * 255;
        this.setGrey(level, (begun.high - begun.low) * Math.exp((dx / canvas.width) * 3));
      } else if (begun.touch) {
        const steps = Math.trunc(dy / (9 * scale));
        if (steps !== begun.steps) this.step(name, -(steps - begun.steps));
        begun.steps = steps;
      } else this.setPlace(picture.toPlace(here));
    });
    const ended = (event) => {
      if (!pointers.delete(event.pointerId) || !begun) return;
      const { moved, button, touch } = begun;
      if (pointers.size === 0) begun = null;
      else begun.moved = true;
      if (moved || button !== 0 || event.type === "pointercancel") return;
      const scale = window.devicePixelRatio || 1;
      const mark = this.asking ? null : picture.markAt(at(event), (touch ? 20 : 9) * scale);
      if (mark && mark !== this.pin) this.choose(mark);
      else this.setPlace(picture.toPlace(at(event)));
    };
    canvas.addEventListener("pointerup", ended);
    canvas.addEventListener("pointercancel", ended);
    canvas.addEventListener("keydown", (event) => { if (this.key(name, event)) event.preventDefault(); });
  }

  // A click on a mark chooses it; the picture stays where it is.
  choose(mark) {
    this.chosen = mark;
    this.onChoose(mark);
    this.update();
  }

  key(name, event) {
    if (!this.scan || event.ctrlKey || event.metaKey || event.altKey) return false;
    const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (event.shiftKey && moves[event.key]) { this.nudge(name, ...moves[event.key]); return true; }
    const actions = {
      ArrowUp: () => this.step(name, 1), ArrowDown: () => this.step(name, -1),
      PageUp: () => this.step(name, 5), PageDown: () => this.step(name, -5),
      ArrowLeft: () => this.neighbour(-1), ArrowRight: () => this.neighbour(1),
      "+": () => this.zoom(0.8), "-": () => this.zoom(1.25), "0": () => this.fit(),
    };
    if (!actions[event.key]) return false;
    actions[event.key]();
    return true;
  }

  neighbour(count) {
    const { marks } = this.lesson;
    if (this.asking || !marks.length) return;
    const now = marks.indexOf(this.chosen);
    this.goTo(marks[(now < 0 && count < 0 ? marks.length - 1 : now + count + marks.length) % marks.length]);
  }

  addControls() {
    const volumes = find("volume");
    this.scans.forEach((scan, number) => volumes.append(made("option", { value: String(number) }, scan.title)));
    volumes.closest("label").hidden = this.scans.length < 2;
    volumes.addEventListener("change", () => { this.chosen = null; this.show(Number(volumes.value)); });
    find("layout").addEventListener("click", (event) => {
      if (event.target.dataset.layout) this.setLayout(event.target.dataset.layout);
    });
    find("hide").addEventListener("click", () => {
      this.hidden = !this.hidden;
      find("hide").setAttribute("aria-pressed", String(this.hidden));
      this.update();
    });
    find("fit").addEventListener("click", () => this.fit());
    const grey = () => this.setGrey(255 - Number(find("level").value), 255 - Number(find("width").value));
    find("level").addEventListener("input", grey);
    find("width").addEventListener("input", grey);
    find("slab").addEventListener("change", () => { this.view.slabMm = Number(find("slab").value); this.update(); });
    find("projection").addEventListener("change", () => { this.view.projection = find("projection").value; this.update(); });
    find("grey-reset").addEventListener("click", () => this.resetGrey());
  }
}
