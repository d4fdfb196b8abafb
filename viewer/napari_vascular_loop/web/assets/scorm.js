// SCORM 1.2: the learning platform's API is found among the windows around the page, and told of score and completion.

function platformApi() {
  for (const start of [window, window.opener]) {
    let one = start;
    for (let level = 0; one && level < 10; level++) {
      try {
        if (one.API && typeof one.API.LMSInitialize === "function") return one.API;
      } catch { break; } // another origin: nothing may be asked there
      if (one.parent === one) break;
      one = one.parent;
    }
  }
  return null;
}

function connectPlatform(quiz) {
  const api = platformApi();
  const note = made("p", { class: "facts", id: "platform", role: "status" });
  find("quiz-start").closest(".bar").after(note);
  if (!api || String(api.LMSInitialize("")) !== "true") {
    note.textContent = "No learning platform answers: your result is not recorded.";
    return;
  }
  const begun = Date.now();
  let over = false;
  const set = (name, value) => String(api.LMSSetValue(name, String(value))) === "true";
  const status = String(api.LMSGetValue("cmi.core.lesson_status"));
  if (["", "not attempted", "unknown"].includes(status)) set("cmi.core.lesson_status", "incomplete");
  // A lesson without questions is completed by being opened.
  if (!quiz.lesson.questions.length) set("cmi.core.lesson_status", "completed");
  api.LMSCommit("");
  quiz.report = (right, count) => {
    const score = Math.round((10000 * right) / count) / 100;
    // A later, worse attempt does not take a better score away.
    const earlier = Number.parseFloat(api.LMSGetValue("cmi.core.score.raw"));
    const best = Number.isFinite(earlier) ? Math.max(earlier, score) : score;
    const told = [set("cmi.core.score.min", 0), set("cmi.core.score.max", 100), set("cmi.core.score.raw", best),
      set("cmi.core.lesson_status", "completed")];
    const kept = String(api.LMSCommit("")) === "true" && told.every(Boolean);
    note.textContent = kept ? `Recorded by the learning platform: ${best} of 100.` : "The learning platform did not take the result.";
  };
  const finish = () => {
    if (over) return;
    over = true;
    const seconds = Math.round((Date.now() - begun) / 1000);
    const two = (value) => String(value).padStart(2, "0");
    set("cmi.core.session_time", `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`);
    api.LMSCommit("");
    api.LMSFinish("");
  };
  window.addEventListener("pagehide", finish);
}
