(() => {
"use strict";
// The list of a library: searched here, with files of words that are loaded while one types.
const { cards, structures, shards } = JSON.parse(document.getElementById("data").textContent);
const AT_ONCE = 48, WAIT_MS = 120, LONGEST = 40;
const TITLE = 1, NAMES = 2;
const there = new Set(shards);
const loaded = new Map();
const words = document.getElementById("words"), structure = document.getElementById("structure");
const list = document.getElementById("lessons"), said = document.getElementById("said"), more = document.getElementById("more");
let found = [], shown = 0, turn = 0, timer = 0;

const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
const wordsOf = (text) => (folded(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, LONGEST).join(""));
const shardOf = (word) => [...word].slice(0, 2).map((letter) => letter.codePointAt(0).toString(16)).join("-");

// What the cards themselves say: searched where no file of words can be had, as in a page opened from disk.
const onCards = cards.map(([title, about, , marked]) => [
  wordsOf(title), wordsOf(`${about} ${marked.map((number) => structures[number]).join(" ")}`)]);

async function shard(name) {
  if (!there.has(name)) return {};
  if (!loaded.has(name)) {
    const answer = await fetch(`search/${name}.json`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    loaded.set(name, await answer.json());
  }
  return loaded.get(name);
}

// Where a word stands: numbers of lessons, each with the best place.
async function lessonsWith(word, begun) {
  const best = new Map();
  const take = (numbers) => { for (const one of numbers) best.set(one >> 3, (best.get(one >> 3) ?? 0) | (one & 7)); };
  if (begun && [...word].length < 2) return onCardsWith(word, true);
  const known = await shard(shardOf(word));
  if (!begun) take(known[word] ?? []);
  else for (const [other, numbers] of Object.entries(known)) if (other.startsWith(word)) take(numbers);
  return best;
}

function onCardsWith(word, begun) {
  const best = new Map();
  const fits = (other) => (begun ? other.startsWith(word) : other === word);
  onCards.forEach(([title, rest], number) => {
    const bits = (title.some(fits) ? TITLE : 0) | (rest.some(fits) ? NAMES : 0);
    if (bits) best.set(number, bits);
  });
  return best;
}

async function search() {
  const mine = ++turn;
  const typed = words.value, asked = wordsOf(typed).slice(0, 12);
  const begun = (at) => at === asked.length - 1 && !/\s$/.test(typed);
  let note = "", all = null;
  for (const [at, word] of asked.entries()) {
    let these;
    try {
      these = await lessonsWith(word, begun(at));
    } catch {
      these = onCardsWith(word, begun(at));
      note = " The words of the texts can't be loaded here: titles and structures are searched.";
    }
    if (mine !== turn) return;
    // A lesson is ranked by the worst place of its words: all in the title comes first.
    const rank = (bits) => (bits & TITLE ? 0 : bits & NAMES ? 1 : 2);
    const next = new Map();
    for (const [number, bits] of these)
      if (all === null || all.has(number)) next.set(number, Math.max(rank(bits), all?.get(number) ?? 0));
    all = next;
  }
  const only = structure.value === "" ? null : Number(structure.value);
  found = all === null ? cards.map((_, number) => number)
    : [...all.keys()].sort((one, other) => all.get(one) - all.get(other) || one - other);
  if (only !== null) found = found.filter((number) => cards[number][3].includes(only));
  list.replaceChildren();
  shown = 0;
  showMore();
  const count = `${found.length.toLocaleString("en")} of ${cards.length.toLocaleString("en")} lessons`;
  said.textContent = !cards.length ? "There is no lesson in this library." : !found.length
    ? `No lesson holds all of this. Try fewer words, or the beginning of one.${note}`
    : asked.length || only !== null ? `${count}.${note}` : "";
  keep(typed);
  list.setAttribute("aria-busy", "false");
}

// The address says what is looked for, so that it can be passed on.
function keep(typed) {
  const parts = new URLSearchParams();
  if (typed.trim()) parts.set("q", typed.trim());
  if (structure.value !== "") parts.set("structure", structures[structure.value]);
  try { history.replaceState(null, "", parts.size ? `#${parts}` : location.pathname + location.search); } catch { /* a sandboxed frame */ }
}

function showMore() {
  const asked = wordsOf(words.value);
  list.append(...found.slice(shown, shown + AT_ONCE).map((number) => card(number, asked)));
  shown = Math.min(found.length, shown + AT_ONCE);
  more.hidden = shown >= found.length;
}

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// A text with what was looked for marked in it.
function marked(place, text, asked) {
  for (const part of text.split(/([\p{L}\p{N}\p{M}]+)/u))
    place.append(asked.some((word) => wordsOf(part).some((own) => own.startsWith(word))) ? element("mark", part) : part);
  return place;
}

function card(number, asked) {
  const [title, about, credit, marks, page, picture, size, synthetic] = cards[number];
  const item = element("li"), text = element("div"), heading = element("h2"), link = element("a");
  let image = element("div", "no picture", "picture");
  image.setAttribute("aria-hidden", "true");
  if (picture) {
    image = element("img", "", "picture");
    Object.assign(image, { src: picture, alt: "", loading: "lazy", decoding: "async", width: 112, height: 112 });
  }
  link.href = page;
  heading.append(marked(link, title, asked));
  text.append(heading);
  const megabytes = size >= 1e5 ? `${(size / 1e6).toFixed(1)} MB` : `${Math.ceil(size / 1e3)} kB`;
  text.append(element("p", [about, synthetic ? "synthetic images" : ""].filter(Boolean).join(", ")));
  const names = marks.slice(0, 8).map((one) => structures[one]).join(", ") + (marks.length > 8 ? ", …" : "");
  text.append(marked(element("p"), names, asked), element("p", [credit, megabytes].filter(Boolean).join(" · "), "facts"));
  item.append(image, text);
  return item;
}

function soon() {
  // What is shown is not yet what is asked for.
  list.setAttribute("aria-busy", "true");
  clearTimeout(timer);
  timer = setTimeout(search, WAIT_MS);
}

function fromAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  words.value = parts.get("q") ?? "";
  const at = structures.indexOf(parts.get("structure"));
  structure.value = at < 0 ? "" : String(at);
}

words.addEventListener("input", soon);
structure.addEventListener("change", search);
more.addEventListener("click", () => {
  const next = shown;
  showMore();
  list.children[next]?.querySelector("a").focus();
});
addEventListener("hashchange", () => { fromAddress(); search(); });
fromAddress();
search().then(() => { document.body.dataset.ready = "1"; });
})();
