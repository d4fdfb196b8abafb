// Find it: the student moves the crosshair to the place; the distance to the mark is said in mm.

class Quiz {
  constructor(lesson, viewer, article) {
    Object.assign(this, { lesson, viewer, article });
    this.report = () => {};
    const start = find("quiz-start");
    start.hidden = !lesson.questions.length;
    start.addEventListener("click", () => this.start());
  }

  start() {
    find("tour").hidden = true;
    this.answers = [];
    this.ask(0);
  }

  async ask(number) {
    const { viewer } = this;
    const question = this.lesson.questions[number];
    this.number = number;
    viewer.asking = true;
    document.body.classList.add("asking");
    viewer.chosen = null;
    viewer.pin = null;
    await viewer.show(question.volume);
    viewer.resetGrey();
    viewer.fit();
    viewer.setPlace(viewer.scan.middle);
    find("card").hidden = true;

    this.article.light([]);
    const check = made("button", { type: "button", class: "main", onclick: () => this.check() }, "This is the place");
    this.fill(
      made("p", { class: "about" }, `Question ${number + 1} of ${this.lesson.questions.length}`),
      made("p", {}, made("strong", {}, question.prompt)),
      made("p", { class: "about hint" }, "Put the crosshair on the place: click, tap, or Shift and arrow keys."),
      made("div", { class: "bar" }, check, made("button", { type: "button", onclick: () => this.stop() }, "End")),
    );
    check.focus({ preventScroll: true });
  }

  nearest(marks, place) {
    let best = null;
    for (const number of marks) {
      const at = nearestOfMark(this.lesson.marks[number], place);
      if (!best || distance(at, place) < best.mm) best = { at, mm: distance(at, place), mark: this.lesson.marks[number] };
    }
    return best;
  }

  sideOf(place) {
    const off = place[0] - this.viewer.scan.midlineMm;
    return Math.abs(off) <= this.lesson.middleMm ? "midline" : off > 0 ? "right" : "left";
  }

  check() {
    const { viewer } = this;
    const question = this.lesson.questions[this.number];
    const place = viewer.view.place;
    const found = this.nearest(question.marks, place);
    const other = this.nearest(question.opposite, place);
    const right = found.mm <= question.toleranceMm;
    const wrongSide = !right && other && other.mm <= question.toleranceMm;
    const side = this.sideOf(place), wanted = found.mark.side;
    const sideKnown = viewer.scan.orientationKnown && (wanted === "left" || wanted === "right") && side !== "midline";
    this.answers.push({ right, mm: found.mm });
    viewer.asking = false;
    document.body.classList.remove("asking");
    viewer.pin = { kind: "point", vertices: [place], anchor: place, words: "your answer", title: "your answer", colour: "#7fd4ff", view: {} };
    const verdict = right ? "Found." : wrongSide ? "That is the other side." : "Not there.";
    const said = [`${found.mm.toFixed(1)} mm away, up to ${question.toleranceMm} mm counts: ${question.name}.`];
    if (sideKnown && !wrongSide) said.push(side === wanted ? `The side is right: the patient's ${wanted}.` : `It is on the patient's ${wanted}; your place is on the ${side}.`);
    const last = this.number === this.lesson.questions.length - 1;
    const next = made("button", { type: "button", class: "main", onclick: () => (last ? this.finish() : this.ask(this.number + 1)) }, last ? "Result" : "Next question");
    this.fill(
      made("p", { role: "status" }, made("span", { class: right ? "good" : "bad" }, verdict), ` ${said.join(" ")}`),
      made("div", { class: "bar" }, next, made("button", { type: "button", onclick: () => viewer.setPlace(place) }, "Show my place"),
        made("button", { type: "button", onclick: () => this.stop() }, "End")),
    );
    find("quiz").dataset.mm = found.mm.toFixed(4);
    viewer.goTo(found.mark, { quietly: true });
    next.focus({ preventScroll: true });
  }

  finish() {
    const right = this.answers.filter((one) => one.right).length, count = this.answers.length;
    const mean = this.answers.reduce((sum, one) => sum + one.mm, 0) / count;
    this.clear();
    this.fill(
      made("p", { role: "status" }, made("strong", {}, `${right} of ${count} found`), `, on average ${mean.toFixed(1)} mm from the mark.`),
      made("div", { class: "bar" }, made("button", { type: "button", class: "main", onclick: () => this.start() }, "Once more"),
        made("button", { type: "button", onclick: () => this.stop() }, "Close")),
    );
    this.report(right, count);
  }

  fill(...children) {
    find("quiz").replaceChildren(...children);
    find("quiz").hidden = false;
  }

  clear() {
    this.viewer.asking = false;
    document.body.classList.remove("asking");
    this.viewer.pin = null;

    this.viewer.update();
  }

  stop() {
    this.clear();
    find("quiz").hidden = true;
    find("quiz-start").focus();
  }
}
