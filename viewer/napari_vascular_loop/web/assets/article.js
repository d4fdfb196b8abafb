// Text and marks lead to each other.

class Article {
  constructor(lesson, viewer) {
    this.lesson = lesson;
    this.viewer = viewer;
    this.level = 0;
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    document.querySelector("article").addEventListener("click", (event) => this.clicked(event));
    document.querySelector("article").addEventListener("keydown", (event) => {
      if (event.target.matches(".passage") && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        this.clicked(event);
      }
    });
    for (const button of document.querySelectorAll("[data-level]")) {
      button.addEventListener("click", () => this.setLevel(Number(button.dataset.level)));
    }
    for (const passage of document.querySelectorAll(".passage[tabindex]")) {
      const titles = this.marksOf(passage.dataset.passages.split(" ")[0]).map((mark) => mark.title);
      passage.setAttribute("aria-description", `Shows on the slices: ${titles.join(", ")}`);
    }
    const list = find("marks");
    lesson.marks.forEach((mark) => {
      list.append(made("li", {}, made("button", { type: "button", onclick: () => viewer.goTo(mark) }, `${mark.title} (${mark.kind})`)));
    });
  }

  marksOf(passage) {
    const [level, number] = passage.split("-").map(Number);
    return this.lesson.levels[level][number].map((mark) => this.lesson.marks[mark]);
  }

  clicked(event) {
    if (event.target.closest("a") || this.viewer.asking) return;
    const picture = event.target.closest("button[data-mark]");
    if (picture) { this.viewer.goTo(this.lesson.marks[Number(picture.dataset.mark)]); return; }
    const element = event.target.closest(".passage");
    if (!element) return;
    const passage = element.dataset.passages.split(" ")[0];
    const marks = this.marksOf(passage);
    // Clicked again, the next of its marks.
    const next = (marks.indexOf(this.viewer.chosen) + 1) % marks.length;
    this.go(passage, marks[next]);
  }

  async go(passage, mark) {
    await this.viewer.goTo(mark, { quietly: true });
    this.light([passage]);
    showCard(mark);
  }

  // Lights the words of a mark, and brings them into view.
  chosen(mark) {
    const number = this.lesson.marks.indexOf(mark);
    const passages = this.lesson.levels[this.level]
      .map((marks, n) => (marks.includes(number) ? `${this.level}-${n}` : null)).filter(Boolean);
    this.light(passages, true);
    showCard(mark);
  }

  light(passages, scroll = false) {
    let first = null;
    for (const element of document.querySelectorAll(".passage")) {
      const lit = element.dataset.passages.split(" ").some((one) => passages.includes(one));
      element.classList.toggle("lit", lit);
      if (lit && !first && element.getClientRects().length) first = element;
    }
    if (first && scroll) this.bring(first);
  }

  // Into the part of the window that the slices leave free (on a phone they stay at the top).
  bring(element) {
    const viewer = find("viewer").getBoundingClientRect(), box = element.getBoundingClientRect();
    const above = viewer.width > window.innerWidth * 0.9 ? Math.max(0, viewer.bottom) : 60;
    const room = window.innerHeight - above;
    if (box.top >= above && box.bottom <= window.innerHeight - 10) return;
    const by = box.top - above - room / 3;
    window.scrollBy({ top: by, behavior: this.still.matches ? "auto" : "smooth" });
  }

  setLevel(level) {
    this.level = level;
    document.querySelectorAll(".level").forEach((element, number) => { element.hidden = number !== level; });
    for (const button of document.querySelectorAll("[data-level]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.level) === level));
    }
    if (this.viewer.chosen) this.chosen(this.viewer.chosen);
  }

  // Pictures in the text are drawn of the same scan.
  async drawPictures() {
    for (const canvas of document.querySelectorAll("canvas[data-picture]")) {
      const mark = this.lesson.marks[Number(canvas.dataset.picture)];
      const scan = await this.viewer.scans[mark.volume].load();
      const [low, high] = (mark.view.window || scan.window).map((value) => scan.codeOf(value));
      const view = { place: mark.anchor, centre: mark.anchor, fieldMm: mark.view.fieldMm || 60, low, high,
        slabMm: mark.view.slabMm || 0, projection: mark.view.projection || "maximum" };
      new PlanePicture(canvas, this.lesson).draw(scan, mark.plane, view, [mark], mark, { scale: 1.3, labels: false });
    }
  }
}

function showCard(mark) {
  const card = find("card");
  card.replaceChildren(made("p", {}, made("strong", {}, mark.title)));
  if (mark.about) card.append(made("p", { class: "about" }, mark.about));
  if (mark.note) card.append(made("p", {}, mark.note));
  card.hidden = false;
}
