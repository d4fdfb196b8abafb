// Begins.

async function begin() {
  const lesson = JSON.parse(find("lesson").textContent);
  const viewer = new Viewer(lesson);
  const article = new Article(lesson, viewer);
  const quiz = new Quiz(lesson, viewer, article);
  new Tour(lesson, article);
  viewer.onChoose = (mark) => article.chosen(mark);
  if (typeof connectPlatform === "function") connectPlatform(quiz);

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => { find("theme").textContent = isDark() ? "Light page" : "Dark page"; };
  find("theme").addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  dark.addEventListener("change", name);
  name();

  viewer.setLayout(window.matchMedia("(max-width: 52rem)").matches ? "axial" : "all");
  const first = lesson.marks[0];
  await viewer.show(first ? first.volume : 0);
  if (first) {
    viewer.view.place = viewer.scan.inside(first.anchor);
    if (first.view.window) [viewer.view.low, viewer.view.high] = first.view.window.map((value) => viewer.scan.codeOf(value));
  }
  viewer.fitCanvases();
  await article.drawPictures();
  document.body.dataset.ready = String(Math.round(performance.now()));
}

begin().catch((error) => {
  find("readout").textContent = `The slices can't be shown: ${error.message}`;
  find("readout").setAttribute("role", "alert");
});
