// The linked passages in reading order, each with its marks.

class Tour {
  constructor(lesson, article) {
    this.lesson = lesson;
    this.article = article;
    find("tour-start").hidden = !lesson.levels[0].length;
    find("tour-start").addEventListener("click", () => this.start());
  }

  start() {
    const { level } = this.article;
    this.steps = this.lesson.levels[level].flatMap((marks, number) => marks.map((mark) => [`${level}-${number}`, mark]));
    this.at = -1;
    find("tour").hidden = false;
    this.go(1);
    find("tour").querySelector(".main").focus();
  }

  go(count) {
    this.at = clamp(this.at + count, 0, this.steps.length - 1);
    const [passage, number] = this.steps[this.at];
    const mark = this.lesson.marks[number];
    const at = this.at, last = this.steps.length - 1;
    const bar = made("div", { class: "bar" });
    const back = made("button", { type: "button", onclick: () => this.go(-1) }, "Back");
    const next = made("button", { type: "button", class: "main", onclick: () => (at === last ? this.stop() : this.go(1)) },
      at === last ? "Finish" : "Next");
    back.disabled = at === 0;
    bar.append(back, next, made("button", { type: "button", onclick: () => this.stop() }, "End tour"));
    const had = find("tour").contains(document.activeElement);
    find("tour").replaceChildren(made("p", { role: "status" }, `Stop ${at + 1} of ${last + 1}: ${mark.title}`), bar);
    if (had) next.focus();
    this.article.go(passage, mark).then(() => {
      const element = [...document.querySelectorAll(".passage")].find((one) => one.dataset.passages.split(" ").includes(passage));
      if (element) this.article.bring(element);
    });
  }

  stop() {
    find("tour").hidden = true;
    find("tour-start").focus();
  }
}
