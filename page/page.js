// The page of a run: asks for what there is, draws it, and asks again where a file of the run has changed.
// In a report every answer lies in the page itself, under the request that it answers.
'use strict';

const $ = id => document.getElementById(id);
const holder = $('answers');
const answers = holder ? JSON.parse(holder.textContent) : null;
const LIVE = !answers;
let run = null, relative = false; // relative: D's logits mean something beside each other alone
let was = {}, views = {}, known = 0; // lines of the log

// ---- asking ---------------------------------------------------------------------------------------

async function ask(request) {
  if (!LIVE) {
    if (request in answers) return answers[request];
    throw new Error('not in this report');
  }
  let reply;
  try { reply = await fetch(request, { cache: 'no-store' }); } catch {
    throw new Error('gander look does not answer any more; start it again and open the address that it prints.');
  }
  if (!reply.ok) throw new Error(await reply.text());
  return reply.json();
}

// A picture's address: the server's, with the model's stamp so that a newer one is another address; or the picture itself.
function picture(request, stamp) {
  if (!LIVE) return answers[request] || null;
  return request + (request.includes('?') ? '&' : '?') + 't=' + (parseInt(stamp || '0', 16) % 1e9);
}

// Resolves when it is there, fails where the server has none. Loaded aside first: an image may be asked for another one meanwhile, and the last one asked
// for is the one to show.
const wanted = new WeakMap();
async function show(img, address) {
  if (!address) throw new Error('not in this report');
  wanted.set(img, address);
  await new Promise((resolve, reject) => {
    const aside = new Image();
    aside.onload = resolve;
    aside.onerror = () => reject(new Error('a picture could not be drawn: ' + address.slice(0, 60)));
    aside.src = address;
  });
  if (wanted.get(img) === address) img.src = address;
}

// What a click started may fail as what the clock did; it is said, and the page goes on.
const quietly = promise => promise.catch(e => trouble(e.message));

function trouble(text) {
  $('trouble').hidden = !text;
  $('trouble').textContent = text || '';
}

// A view and its link are there where the run has what it shows.
function reveal(id, there) {
  $(id).hidden = !there;
  for (const link of document.querySelectorAll(`nav a[data-view="${id}"]`)) link.hidden = !there;
  for (const link of document.querySelectorAll(`#tour a[href="#${id}"]`)) link.classList.toggle('off', !there);
}

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) key === 'text' ? node.textContent = value : node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  return node;
}

const short = x => x === null || x === undefined ? '-' : Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(1) : +x.toPrecision(3) + '';
const onAxis = x => x !== 0 && Math.abs(x) < .01 ? x.toExponential(1) : short(x);
// Round numbers from low to high, some `n` of them; of logarithms, whole ones.
function ticks(low, high, n) {
  const raw = (high - low) / n || 1, power = 10 ** Math.floor(Math.log10(raw)), by = power * ([1, 2, 5, 10].find(k => k * power >= raw) || 10), list = [];
  for (let k = Math.ceil(low / by - 1e-9); k * by <= high + by * 1e-9; k++) list.push(+(k * by).toPrecision(12));
  return list;
}
function decades(low, high) {
  const by = Math.max(1, Math.ceil((high - low) / 5)), list = [];
  for (let k = Math.ceil(low); k <= high; k += by) list.push(k);
  return list.length > 1 ? list : ticks(low, high, 3);
}
const count = n => n.toLocaleString('en');
const quoted = text => /^[\w.\/-]+$/.test(text) ? text : "'" + text.replace(/'/g, "'\\''") + "'"; // for a shell

// ---- curves ---------------------------------------------------------------------------------------

const W = 420, H = 200, LEFT = 50, RIGHT = 8, TOP = 8, BOTTOM = 22;

// One chart: curves over iterations. It is made once and drawn again with new numbers; arrow keys move its hair.
class Chart {
  constructor(title, series, options) {
    this.series = series;
    this.options = options || {};
    this.legend = make('div', { class: 'legend' });
    this.svg = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': title, tabindex: '0' });
    this.node = make('div', { class: 'chart' }, make('h3', { text: title + (this.options.log ? ' (each step as many times as the one before)' : '') }), this.svg, this.legend);
    if (this.options.say) this.node.append(make('div', { class: 'note', text: this.options.say }));
    this.at = null;
    this.svg.addEventListener('pointermove', e => this.point((e.clientX - this.svg.getBoundingClientRect().left) / this.svg.getBoundingClientRect().width * W));
    this.svg.addEventListener('pointerleave', () => { this.at = null; this.tell(); });
    this.svg.addEventListener('keydown', e => {
      const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
      if (!step || !this.x || !this.x.length) return;
      e.preventDefault();
      this.at = Math.max(0, Math.min(this.x.length - 1, (this.at === null ? this.x.length - 1 : this.at) + step));
      this.tell();
    });
  }

  point(at) {
    if (!this.x || !this.x.length) return;
    const iteration = this.low + (at - LEFT) / (W - LEFT - RIGHT) * (this.high - this.low);
    let best = 0;
    for (let i = 1; i < this.x.length; i++) if (Math.abs(this.x[i] - iteration) < Math.abs(this.x[best] - iteration)) best = i;
    this.at = best;
    this.tell();
  }

  place(iteration) { return LEFT + (iteration - this.low) / (this.high - this.low || 1) * (W - LEFT - RIGHT); }
  height(y) {
    const v = this.options.log ? Math.log10(y) : y;
    return TOP + (this.top - v) / (this.top - this.bottom || 1) * (H - TOP - BOTTOM);
  }

  limits(columns) {
    let least = Infinity, most = -Infinity;
    for (const s of this.series) for (const y of columns[s.key] || []) {
      if (y === null || (this.options.log && y <= 0)) continue;
      const v = this.options.log ? Math.log10(y) : y;
      least = Math.min(least, v); most = Math.max(most, v);
    }
    for (const mark of this.options.marks || []) { least = Math.min(least, mark.at); most = Math.max(most, mark.at); }
    if (this.options.range) [least, most] = this.options.range;
    if (least > most) [least, most] = [0, 1];
    if (least === most) { const half = this.options.log ? .5 : Math.abs(least) / 2 || .5; least -= half; most += half; }
    const room = this.options.range ? 0 : (most - least) * .06;
    this.bottom = least >= 0 && !this.options.log ? Math.max(0, least - room) : least - room; this.top = most + room;
  }

  path(columns, key) {
    let d = '', pen = false;
    const y = columns[key];
    for (let i = 0; i < this.x.length; i++) {
      if (y[i] === null || (this.options.log && y[i] <= 0)) { if (!this.options.sparse) pen = false; continue; }
      d += `${pen ? 'L' : 'M'}${this.place(this.x[i]).toFixed(1)} ${this.height(y[i]).toFixed(1)}`;
      pen = true;
    }
    return d;
  }

  draw(metrics, spans) {
    this.x = metrics.iteration;
    this.columns = metrics.columns;
    this.low = this.x.length ? this.x[0] : 0;
    this.high = this.x.length ? this.x[this.x.length - 1] : 1;
    this.limits(this.columns);
    this.svg.replaceChildren();
    for (const span of spans || []) {
      const from = this.place(Math.max(span[0], this.low)), to = this.place(Math.min(span[1], this.high));
      this.svg.append(svg('rect', { class: 'sick', x: from, y: TOP, width: Math.max(2, to - from), height: H - TOP - BOTTOM }));
    }
    this.axes();
    this.series.forEach((s, i) => { if (this.columns[s.key]) this.svg.append(svg('path', { class: s.color, d: this.path(this.columns, s.key) })); });
    this.hair = svg('line', { class: 'hair', y1: TOP, y2: H - BOTTOM, visibility: 'hidden' });
    this.svg.append(this.hair);
    if (this.at !== null && this.at >= this.x.length) this.at = null;
    this.tell();
  }

  axes() {
    const write = (x, y, text, anchor) => { const t = svg('text', { x, y, 'text-anchor': anchor }); t.textContent = text; this.svg.append(t); };
    this.svg.append(svg('line', { class: 'axis', x1: LEFT, x2: W - RIGHT, y1: H - BOTTOM, y2: H - BOTTOM }));
    for (const v of this.options.log ? decades(this.bottom, this.top) : ticks(this.bottom, this.top, 4)) {
      const y = TOP + (this.top - v) / (this.top - this.bottom || 1) * (H - TOP - BOTTOM);
      this.svg.append(svg('line', { class: 'axis', x1: LEFT, x2: W - RIGHT, y1: y, y2: y, opacity: .5 }));
      write(LEFT - 5, y + 4, onAxis(this.options.log ? 10 ** v : v), 'end');
    }
    for (const mark of this.options.marks || []) {
      const y = this.height(mark.at);
      this.svg.append(svg('line', { class: 'mark', x1: LEFT, x2: W - RIGHT, y1: y, y2: y }));
      write(W - RIGHT, y - 3, mark.text, 'end');
    }
    for (const v of ticks(this.low, this.high, 5)) {
      const x = this.place(v);
      this.svg.append(svg('line', { class: 'axis', x1: x, x2: x, y1: H - BOTTOM, y2: H - BOTTOM + 4 }));
      if (x > LEFT + 10) write(x, H - 6, count(v), x > W - 40 ? 'end' : 'middle');
    }
  }

  tell() {
    const last = i => { for (let k = this.x.length - 1; k >= 0; k--) if (this.columns[i][k] !== null) return k; return -1; };
    this.legend.replaceChildren();
    if (!this.x || !this.x.length) return;
    const at = this.at;
    this.legend.append(at === null ? '' : `at ${count(this.x[at])}: `);
    this.series.forEach((s, i) => {
      if (!this.columns[s.key]) return;
      const k = at === null ? last(s.key) : at, value = k < 0 ? null : this.columns[s.key][k];
      this.legend.append(make('b', { class: s.color, text: s.name, title: (run.keys || {})[s.key] || s.key }), ` ${short(value)}   `);
    });
    if (this.hair) {
      this.hair.setAttribute('visibility', at === null ? 'hidden' : 'visible');
      if (at !== null) for (const side of ['x1', 'x2']) this.hair.setAttribute(side, this.place(this.x[at]));
    }
  }
}

// What belongs together; a group of which nothing is logged is left out, and what is in none gets a chart of its own.
// Colours mean the same everywhere: real things blue, generated ones orange; D green, G violet.
const REAL = 's1', FAKE = 's0', OF_D = 's2', OF_G = 's3';
const VARIETY = ['Variety of samples', [['spread', 'spread', FAKE]], { sparse: true, marks: [{ at: 1, text: 'as the data' }],
  say: 'How much 1,000 samples differ from each other, pixel by pixel, beside how much the data does: 1 is as much, 0 is one picture over and over.' }];
const GROUPS = {
  gan: [
    ['Losses', [['loss_d', 'D', OF_D], ['loss_g', 'G', OF_G]], { say: 'What each is pushed to lower. Neither tells how good the pictures are.' }],
    ["D's answers", [['d_real', 'D(x): real', REAL], ['d_fake', 'D(G(z)): generated', FAKE]], { range: [0, 1], absolute: true, marks: [{ at: .5, text: 'cannot tell' }],
      say: 'How real D finds real and generated pictures, on average. Far apart: it tells them apart. (The doctor looks at the middle of the last three figures.)' }],
    ['The value of the game, V(D,G)', [['value', 'V', OF_D]], { absolute: true, comparing: false, marks: [{ at: -1.3863, text: 'nobody can tell: -2 ln 2' }],
      say: 'What D raises and G lowers: near 0 D is always right.' }],
    VARIETY,
    ['Gradients', [['grad_norm_d', 'D', OF_D], ['grad_norm_g', 'G', OF_G]], { log: true,
      say: "How hard each net is pushed. Next to nothing: it cannot learn; ever more: it is thrown about. A strong push may still push all samples the same way." }],
    ['Penalties on the slope of D', [['r1', 'R1: at real pictures', REAL], ['r2', 'R2: at generated ones', FAKE], ['gp', 'between them', OF_D]], {
      say: 'Added to the loss of D where it is steep, so that its opinion rises gently towards real pictures and G finds a slope to climb everywhere.' }],
    ['Surprise at the class', [['class_real', 'real', REAL], ['class_fake', 'generated', FAKE]], { say: 'D also guesses which class a picture is of: how wrong it is.' }],
    ['Augmentation', [['augment', 'probability', OF_D], ['sign_real', 'sign of D', REAL]], { say: 'How often pictures are altered before D sees them, and how sure D is of its training pictures: near 1, it knows them by heart.' }],
    ['Learning rates', [['rate_d', 'D', OF_D], ['rate_g', 'G', OF_G]], { changing: true, say: 'How large the steps along the gradient are.' }],
  ],
  vae: [
    ['ELBO: what it raises', [['elbo', 'ELBO', OF_D]], { say: 'The two below: how likely the pictures are, less what the codes cost.' }],
    ['How likely the decoder finds its pictures', [['likelihood', 'log likelihood', REAL]], { say: 'Higher: they come back more like themselves.' }],
    ['What a code says beyond chance', [['kl', 'KL, nats', OF_G]], { say: 'Near 0 the code says nothing, and all pictures come back alike.' }],
    VARIETY,
    ['Gradient', [['grad_norm_v', 'norm', OF_D]], { log: true, say: 'How hard the nets are pushed.' }],
    ['Learning rate', [['rate_v', 'rate', OF_D]], { changing: true }],
  ],
};
let charts = null, measured = null;

// Keys of evaluations stand on few lines.
const isMeasure = (key, y) => !GROUPS_KEYS.has(key) && y.filter(v => v !== null).length < y.length / 2;
let GROUPS_KEYS = new Set();

function makeCharts(metrics) {
  const groups = GROUPS[metrics.game] || [];
  GROUPS_KEYS = new Set(groups.flatMap(g => g[1].map(row => row[0])));
  charts = []; measured = [];
  $('charts').replaceChildren(); $('measure-charts').replaceChildren();
  const put = (list, box, title, series, options) => {
    const chart = new Chart(title, series, relative && options.absolute ? { ...options, marks: [] } : options);
    list.push(chart); $(box).append(chart.node);
  };
  const live = key => (metrics.columns[key] || []).some(v => v !== null && v !== 0);
  const changes = key => new Set((metrics.columns[key] || []).filter(v => v !== null)).size > 1;
  for (const [title, rows, options] of groups) {
    const there = rows.filter(([key]) => live(key) && (!options.changing || changes(key))).map(([key, name, color]) => ({ key, name, color }));
    if (there.length && !(relative && options.comparing === false)) put(charts, 'charts', title, there, options);
  }
  for (const key of Object.keys(metrics.columns)) {
    if (GROUPS_KEYS.has(key) || !live(key)) continue;
    const rare = isMeasure(key, metrics.columns[key]);
    put(rare ? measured : charts, rare ? 'measure-charts' : 'charts', key, [{ key, name: key, color: OF_D }], { sparse: rare, say: (run.keys || {})[key] });
  }
  reveal('measures', measured.length > 0);
}

// What the curves are drawn from, when they come into sight.
let columns = '', lines = null, spans = [];
function takeLines(metrics, findings) {
  const now = Object.entries(metrics.columns).map(([k, y]) => k + y.some(v => v) + (new Set(y).size > 1)).join();
  if (now !== columns) makeCharts(metrics);
  columns = now;
  $('shaded').hidden = !findings.some(f => f.sick);
  spans = findings.filter(f => f.sick).map(f => [f.since, f.over ? f.until : Infinity]);
  lines = metrics;
  for (const id of ['duel', 'measures']) stale.add(id);
}

const drawCurves = list => { for (const chart of list) chart.draw(lines, spans); };

// ---- the doctor -----------------------------------------------------------------------------------

let told = '';
function drawDoctor(doctor) {
  const sick = doctor.findings.filter(f => f.sick && !f.over), before = doctor.findings.some(f => f.sick && f.over), verdict = $('verdict');
  verdict.className = sick.length ? 'verdict-bad' : before ? 'verdict-was' : doctor.judged ? 'verdict-good' : '';
  verdict.textContent = !doctor.judged ? `Too early to say: ${doctor.lines} lines of metrics.`
    : sick.length ? `Sick: ${sick.length === 1 ? 'one thing is' : sick.length + ' things are'} wrong now.`
    : `${before ? 'Sick before, not now' : doctor.lines < 8 ? 'Healthy so far' : 'Healthy'}: ${doctor.judged} of ${doctor.rules} rules have looked at the ${count(doctor.lines)} lines of its log and see nothing wrong now; the others need figures that it does not log (evaluations, looks inside, held-out pictures) or belong to other games.`;
  const words = JSON.stringify([doctor.mends, doctor.findings]);
  if (words === told) return;
  told = words;
  $('mends').replaceChildren(...(doctor.mends || []).map(m => make('p', { class: 'finding over',
    text: `Mended: lost at iteration ${count(m.seen)} (${m.rule}); back to ${count(m.at)}, and on from there with ${m.settings}.` })));
  $('findings').replaceChildren(...doctor.findings.map(f => {
    const node = make('div', { class: 'finding' + (f.over ? ' over' : '') + (f.sick ? '' : ' advice') }, make('p', {}, make('b', { text: f.what })));
    if (f.over) {
      node.append(make('p', { text: `This has passed: it was seen from iteration ${count(f.since)} to ${count(f.until)}.` }));
      return node;
    }
    node.append(make('p', { text: `Since iteration ${count(f.since)}${f.first < f.since ? ` (and before, first at ${count(f.first)})` : ''}; ${f.sure > .9 ? 'sure' : f.sure > .77 ? 'very likely' : 'likely'}. Seen: ${f.seen}.` }),
      make('p', { text: 'Why: ' + f.why }), make('p', { text: 'What to try (NEW is the folder of a new run):' }),
      make('code', { text: f.remedy.startsWith('--set') ? `gander train ${quoted((LIVE ? run.path : run.name) + '/recipe.ini')} ${f.remedy} -o NEW` : f.remedy }));
    node.append(make('p', { text: 'Why that helps: ' + f.helps }));
    return node;
  }));
}

// ---- grids over time ------------------------------------------------------------------------------

let grids = [], playing = null;

function showGrid(at) {
  const grid = grids[at];
  if (!grid) return;
  show($('grid'), picture('samples/' + grid[1], was.samples)).catch(() => {});
  $('grid-at').textContent = `iteration ${count(grid[0])}, ${at + 1} of ${grids.length}`;
  $('time').setAttribute('aria-valuetext', `iteration ${grid[0]}`);
}

function drawGrids(list) {
  const slider = $('time'), atEnd = +slider.value >= grids.length - 1;
  grids = list;
  slider.max = Math.max(0, list.length - 1);
  if (atEnd) slider.value = slider.max;
  showGrid(+slider.value);
}

function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => {
    const slider = $('time');
    slider.value = +slider.value >= grids.length - 1 ? 0 : +slider.value + 1;
    showGrid(+slider.value);
  }, 250) : null;
  $('play').textContent = on ? 'Stop' : 'Play';
  $('play').setAttribute('aria-pressed', on);
}

// ---- a walk ---------------------------------------------------------------------------------------

const SHEET = 9;
const walk = { u: .5, v: .5, first: 0, label: 0, asked: false, again: false, sheet: null };

const walkOf = more => `walk.png?${more}` + (walk.first ? `&first=${walk.first}` : '') + (walk.label ? `&class=${walk.label}` : '');

// One request is under way at a time; where the mouse has moved on meanwhile, another one follows.
async function step() {
  $('here').style.left = walk.u * 100 + '%';
  $('here').style.top = walk.v * 100 + '%';
  $('place-at').textContent = `${Math.round(walk.u * 100)} % across, ${Math.round(walk.v * 100)} % down`;
  if (!LIVE) {
    const place = $('place').style, i = Math.round(walk.u * (SHEET - 1)), k = Math.round(walk.v * (SHEET - 1));
    place.backgroundImage = `url(${walk.sheet})`;
    place.backgroundSize = `${SHEET * 100}% ${SHEET * 100}%`;
    place.backgroundPosition = `${i / (SHEET - 1) * 100}% ${k / (SHEET - 1) * 100}%`;
    return;
  }
  if (walk.asked) { walk.again = true; return; }
  walk.asked = true;
  const address = picture(walkOf(`u=${walk.u.toFixed(3)}&v=${walk.v.toFixed(3)}`), was.model);
  try { await show(new Image(), address); $('place').style.backgroundImage = `url(${address})`; } catch { /* the next one may be there */ }
  walk.asked = false;
  if (walk.again) { walk.again = false; step(); }
}

async function drawWalk() {
  walk.sheet = picture(walkOf(`side=${SHEET}`), was.model);
  await show(new Image(), walk.sheet);
  const [h, w] = run.shape || [1, 1];
  for (const id of ['place', 'pad']) $(id).style.aspectRatio = `${w} / ${h}`;
  $('pad').style.backgroundImage = `url(${walk.sheet})`;
  step();
}

function moveTo(u, v) {
  walk.u = Math.max(0, Math.min(1, u));
  walk.v = Math.max(0, Math.min(1, v));
  step();
}

function listenWalk() {
  const pad = $('pad'), at = e => { const r = pad.getBoundingClientRect(); moveTo((e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height); };
  pad.addEventListener('pointermove', at);
  pad.addEventListener('pointerdown', at);
  pad.addEventListener('keydown', e => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key] || [0, 0];
    if (!x && !y) return;
    e.preventDefault();
    moveTo(walk.u + x / (SHEET - 1), walk.v + y / (SHEET - 1));
  });
  $('corners').hidden = !LIVE;
  $('corners').addEventListener('click', () => { walk.first += 4; quietly(drawWalk()); });
  $('class').addEventListener('change', () => { walk.label = +$('class').value; quietly(drawWalk()); });
}

// ---- pictures that are asked for anew with each model -----------------------------------------------

const turn = { nearest: 0, ways: 0, pairs: 0 };

async function drawNearest() {
  const more = turn.nearest ? `?first=${turn.nearest}` : '';
  await show($('nearest-picture'), picture('nearest.png' + more, was.model));
  const far = await ask('nearest.json' + more);
  $('nearest-say').textContent = `Samples are ${(100 * far.samples).toFixed(1)} % away from the training pictures nearest to them (of the way from black to white, root mean square); ` +
    `training pictures are ${(100 * far.real).toFixed(1)} % away from theirs. ` + (far.samples < .5 * far.real ? 'That is close: look for copies.' : 'Copies would be much closer.') +
    (far.among < far.of ? ` Only the first ${count(far.among)} of ${count(far.of)} were gone through.` : '');
}

async function drawReal() {
  $('real').hidden = views.real !== true;
  if (views.real === true) await show($('real-picture'), picture('real.png', '1'));
}

const drawPairs = () => show($('pairs-picture'), picture('pairs.png' + (turn.pairs ? `?first=${turn.pairs}` : ''), was.model));

async function drawWays() {
  const kind = +$('ways-kind').value;
  await show($('ways-picture'), picture(`ways.png?kind=${kind}` + (turn.ways ? `&first=${turn.ways}` : ''), was.model));
  const ways = await ask(`ways.json?kind=${kind}`);
  $('ways-say').textContent = 'From top to bottom, each with its share of all change: ' + ways.map(x => Math.round(x * 100) + ' %').join(', ') + '.';
}

// ---- inside ---------------------------------------------------------------------------------------

function bars(h) {
  const box = svg('svg', { viewBox: '0 0 64 20', preserveAspectRatio: 'none', role: 'img',
    'aria-label': `from ${short(h.least)} to ${short(h.most)}, root mean square ${short(h.rms)}` });
  const most = Math.max(1, ...h.bin.map(n => Math.sqrt(n)));
  h.bin.forEach((n, i) => { const y = 20 * Math.sqrt(n) / most; box.append(svg('rect', { x: 2 * i, y: 20 - y, width: 1.8, height: y, fill: 'currentColor' })); });
  return box;
}

const spreadOf = h => h.count ? make('div', {}, bars(h), make('div', { class: 'small', text: `rms ${short(h.rms)}, ${short(h.least)} to ${short(h.most)}${h.bad ? `, ${h.bad} not finite` : ''}` }))
  : make('div', { class: 'small', text: '-' });

function drawLayers(layers) {
  const box = $('layers-list');
  box.replaceChildren();
  for (const net of new Set(layers.map(l => l.net))) {
    box.append(make('h3', { text: net[0].toUpperCase() + net.slice(1) }),
      make('div', { class: 'layer head' }, ...['layer', 'weights', 'results', 'gradients'].map(text => make('div', { text }))));
    for (const l of layers.filter(l => l.net === net)) {
      const name = make('div', {}, make('code', { text: l.text }));
      if (l.dead !== null) name.append(make('div', { class: 'small' + (l.dead > .5 ? ' warn' : ''), text: `dead: ${Math.round(l.dead * 100)} %` }));
      const last = l === layers.filter(k => k.net === net).at(-1), share = `${Math.round(l.saturated * 100)} %`; // a picture's pixels may be black and white
      if (l.saturated !== null) name.append(make('div', { class: 'small' + (l.saturated > .9 && !last ? ' warn' : ''), text: last ? `${share} at the ends, black or white` : `saturated: ${share}` }));
      box.append(make('div', { class: 'layer' }, name, spreadOf(l.weights), spreadOf(l.results), spreadOf(l.gradients)));
    }
  }
}

// How often one of `a` is above one of `b`: 1/2 where they cannot be told apart.
function ahead(a, b) {
  let sum = 0;
  for (const x of a) for (const y of b) sum += x > y ? 1 : x === y ? .5 : 0;
  return sum / (a.length * b.length);
}

// Two hills over one axis.
function drawJudge(judge) {
  const all = [...judge.real, ...judge.fake], BINS = 40;
  const least = Math.min(...all, relative ? Infinity : 0), most = Math.max(...all, relative ? -Infinity : 0), bin = x => Math.min(BINS - 1, Math.floor((x - least) / (most - least || 1) * BINS));
  const hills = [judge.real, judge.fake].map(list => { const n = new Array(BINS).fill(0); for (const x of list) n[bin(x)]++; return n; });
  const top = Math.max(1, ...hills[0], ...hills[1]), box = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': 'logits of real and of generated samples' });
  const x = v => LEFT + (v - least) / (most - least || 1) * (W - LEFT - RIGHT), write = (at, text, anchor) => { const t = svg('text', { x: at, y: H - 6, 'text-anchor': anchor }); t.textContent = text; box.append(t); };
  hills.forEach((hill, which) => hill.forEach((n, i) => {
    const h = Math.sqrt(n / top) * (H - TOP - BOTTOM);
    box.append(svg('rect', { class: which ? 'bar0' : 'bar1', x: LEFT + i * (W - LEFT - RIGHT) / BINS, y: H - BOTTOM - h, width: (W - LEFT - RIGHT) / BINS - .5, height: h }));
  }));
  if (!relative) box.append(svg('line', { class: 'mark', x1: x(0), x2: x(0), y1: TOP, y2: H - BOTTOM }));
  box.append(svg('line', { class: 'axis', x1: LEFT, x2: W - RIGHT, y1: H - BOTTOM, y2: H - BOTTOM }));
  write(LEFT, short(least), 'start'); write(W - RIGHT, short(most), 'end'); if (!relative) write(x(0), '0', 'middle');
  const share = list => Math.round(100 * list.filter(v => v > 0).length / list.length), taken = relative ? '' : `: D takes ${share(judge.fake)} % for real`;
  const legend = make('div', { class: 'legend' }, make('b', { class: 's1', text: 'real' }), relative ? '   ' : `: D says so of ${share(judge.real)} %   `,
    make('b', { class: 's0', text: 'generated' }), taken, make('br'), `Of a real and a generated one, D rates the real one higher in ${Math.round(100 * ahead(judge.real, judge.fake))} %.`);
  $('judge-chart').replaceChildren(make('div', { class: 'chart' }, make('h3', { text: relative ? 'Logits: the higher, the more real' : 'Logits: above 0 D says real' }), box, legend));
}

async function drawInside() {
  drawLayers(await ask('layers.json'));
  for (const node of document.querySelectorAll('.filters')) node.hidden = views.filters !== true;
  if (views.filters === true) await show($('filters'), picture('filters.png', was.model));
}

async function drawThoughts() {
  drawJudge(await ask('judge.json'));
  await show($('slopes'), picture('slopes.png', was.model));
}

// ---- points on a plane ------------------------------------------------------------------------------

async function drawPlane() {
  const plane = await ask('plane.json'), canvas = $('plane-map'), c = canvas.getContext('2d'), size = canvas.width, [low, high] = plane.range;
  const at = v => (v - low) / (high - low) * size, n = plane.side, cell = size / n;
  const mean = plane.logits.reduce((a, b) => a + b, 0) / (n * n), spread = Math.sqrt(plane.logits.reduce((a, b) => a + (b - mean) ** 2, 0) / (n * n)) || 1;
  for (let row = 0; row < n; row++) for (let column = 0; column < n; column++) {
    const p = 1 / (1 + Math.exp(-2 * (plane.logits[row * n + column] - mean) / spread)), mix = (a, b) => Math.round(a + (b - a) * p);
    c.fillStyle = `rgb(${mix(201, 159)},${mix(179, 216)},${mix(223, 171)})`;
    c.fillRect(column * cell, size - (row + 1) * cell, cell + 1, cell + 1);
  }
  const dot = (x, y, color, r) => { c.fillStyle = color; c.beginPath(); c.arc(at(x), size - at(y), r, 0, 7); c.fill(); };
  for (const [x, y] of plane.real) dot(x, y, '#2f7fd0aa', 2.2);
  const longest = Math.max(1e-9, ...plane.fake.map(f => Math.hypot(f[2], f[3])));
  c.strokeStyle = '#7a3d00'; c.lineWidth = 1.2;
  for (const [x, y, dx, dy] of plane.fake) {
    const k = .08 * (high - low) / longest;
    c.beginPath(); c.moveTo(at(x), size - at(y)); c.lineTo(at(x + dx * k), size - at(y + dy * k)); c.stroke();
    dot(x, y, '#f08a24', 2.6);
  }
  const higher = ahead(plane.real.map(f => f[4]), plane.fake.map(f => f[4]));
  $('plane-say').textContent = `Of a real and a generated point, D rates the real one higher in ${Math.round(higher * 100)} %. The longest arrow is a slope of ${short(longest)}.`;
}

// ---- all of it ------------------------------------------------------------------------------------

function say(metrics) {
  const last = metrics.iteration.length ? metrics.iteration[metrics.iteration.length - 1] : 0, goal = run.iterations;
  $('state').textContent = `iteration ${count(last)} of ${count(goal)}${LIVE ? '' : ', as it was when this report was written'}`;
}

// All that depends on what the run is, which may be known only when its first model is there, and may change when the run is mended or begun anew.
function takeRun(now) {
  run = now;
  relative = /relativistic|wasserstein/.test(run.settings['train.objective'] || '');
  columns = ''; // charts are made anew
  $('name').textContent = run.name;
  document.title = `${run.name} - gander`;
  told = ''; // the name stands in remedies
  $('recipe-text').textContent = run.recipe;
  $('footer').textContent = `gander ${run.version}`;
  for (const node of document.querySelectorAll('[data-game]')) node.hidden = node.dataset.game !== run.game;
  for (const node of document.querySelectorAll('[data-relative]')) node.hidden = !relative;
  for (const node of document.querySelectorAll('[data-absolute]')) node.hidden = relative;
  $('duel-title').textContent = run.game === 'gan' ? 'The duel' : 'How it trains';
  $('class-label').hidden = !LIVE || !(run.classes > 0);
  if ($('class').options.length !== (run.classes || 0)) {
    $('class').replaceChildren(...Array.from({ length: run.classes || 0 }, (_, c) => make('option', { value: c, text: c })));
    walk.label = 0;
  }
}

// Whatever is drawn costs the training its time, in the browser and most of all in the server. So it is drawn when it comes into sight, and again where the log
// or the model is another one by then.
const SERVED = { intro: drawReal, plane: drawPlane, walk: drawWalk, ways: drawWays, judge: drawThoughts, layers: drawInside, nearest: drawNearest, pairs: drawPairs };
const DRAW = { ...SERVED, duel: () => drawCurves(charts), measures: () => drawCurves(measured) };
const stale = new Set(), inSight = new Set();

async function drawIfStale(id) {
  if (!stale.has(id) || (id in views && views[id] !== true)) return;
  stale.delete(id);
  try { await DRAW[id](); } catch (e) { stale.add(id); throw e; }
}

function takeViews(now) {
  views = now;
  sayMissing();
  for (const id of Object.keys(SERVED)) {
    stale.add(id);
    if (id !== 'intro') reveal(id, views[id] === true);
  }
}

async function drawSeen() {
  for (const id of LIVE ? [...inSight] : Object.keys(DRAW)) await drawIfStale(id);
}

function watchSight() {
  const observer = new IntersectionObserver(seen => {
    for (const e of seen) {
      inSight[e.isIntersecting ? 'add' : 'delete'](e.target.id);
      if (e.isIntersecting) quietly(drawIfStale(e.target.id));
    }
  }, { rootMargin: '200px' });
  for (const id of Object.keys(DRAW)) observer.observe($(id));
}

// Why a view that one might expect is not there.
function sayMissing() {
  const why = Object.entries(views).filter(([, x]) => typeof x === 'string' && !/^(its game|samples are|the first weights|points of|a classifier|its model draws)/.test(x)).map(([, x]) => x);
  $('missing').hidden = !why.length;
  $('missing').textContent = why.length ? 'Not all can be shown: ' + [...new Set(why)].join('; ') : '';
}

async function refresh() {
  const now = await ask(LIVE ? 'status.json?lines=' + known : 'status.json'), changed = key => now[key] !== was[key];
  const recipe = changed('recipe') || changed('mends'), model = changed('model') || changed('state') || recipe;
  const log = now.log || (recipe ? await ask('metrics.json') : null), doctor = now.doctor || (recipe ? await ask('doctor.json') : null);
  if (model) takeRun(await ask('run.json'));
  const samples = changed('samples');
  was = { ...now, log: null, doctor: null };
  if (log) {
    known = doctor.lines;
    say(log);
    takeLines(log, doctor.findings);
    drawDoctor(doctor);
  }
  if (samples) drawGrids(await ask('grids.json'));
  if (model) takeViews(await ask('views.json'));
  await drawSeen();
  trouble('');
}

// The longer a page stands open, the less each moment shows: every three seconds at first, every fifteen in the end. Not at all while nobody can see it.
const pause = () => Math.min(15, Math.max(3, performance.now() / 1e3 / 60)) * 1e3;

const seen = () => new Promise(resolve => document.hidden ? document.addEventListener('visibilitychange', resolve, { once: true }) : resolve());

async function watch() {
  try { await refresh(); } catch (e) {
    was = {};
    trouble(e.message);
  }
  document.body.dataset.ready = 'true';
  if (LIVE) setTimeout(() => seen().then(watch), pause());
}

function begin() {
  for (const id of ['plane', 'walk', 'ways', 'judge', 'layers', 'nearest', 'pairs', 'measures']) reveal(id, false);
  $('time').addEventListener('input', () => { play(false); showGrid(+$('time').value); });
  $('play').addEventListener('click', () => play(!playing));
  for (const id of ['nearest-next', 'ways-next', 'pairs-next', 'ways-kind-label']) $(id).hidden = !LIVE;
  $('pairs-next').addEventListener('click', () => { turn.pairs += 8; quietly(drawPairs()); });
  $('nearest-next').addEventListener('click', () => { turn.nearest += 8; quietly(drawNearest()); });
  $('ways-next').addEventListener('click', () => { turn.ways++; quietly(drawWays()); });
  $('ways-kind').addEventListener('change', () => quietly(drawWays()));
  listenWalk();
  watchSight();
  watch();
}

begin();
