// The page: which view is shown, what comes in live, the keys and the bar that sends samples.

import { $, $$, ask, attempt, button, command, count, el, fill, go, person, post } from './text.js';
import * as list from './list.js';
import * as detail from './detail.js';
import * as views from './views.js';

let view = '';

function route() {
  const [what, ...given] = location.hash.slice(1).split('/').map(decoded);
  const isWebhook = /^w\d+$/.test(what);
  view = isWebhook || !/^[pmdo]$/.test(what) ? 'w' : what;
  for (const link of $$('nav a')) link.ariaCurrent = link.dataset.view === (view === 'm' ? 'p' : view) ? 'page' : null;
  $('#webhooks').hidden = view !== 'w';
  $('#view').hidden = view === 'w';
  $('#webhooks').classList.toggle('reading', isWebhook);
  if (view === 'w') {
    if (isWebhook) detail.open(what);
    else detail.close('Choose a webhook: why it was refused, or what was stored.');
    list.mark();
    list.reveal(what);
  }
  if (view === 'p') views.people(given.join('/'));
  if (view === 'm') views.message(given.shift(), given.join('/'));
  if (view === 'd') views.dead();
  if (view === 'o') views.outbound();
}

function decoded(piece) {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

function empty(box, isFiltered) {
  box.replaceChildren();
  if (isFiltered) {
    fill(box, el('p', 'None that fits.'), button('show all', () => { $('#provider').value = $('#search').value = list.state.q = ''; list.filter('all', ''); }));
    return;
  }
  const names = Object.keys(samples);
  fill(box, el('h2', 'No webhook yet'),
    el('p', 'Point a provider, a tunnel or a test of yours at'),
    command(`${list.state.url || location.origin}/webhooks/PROVIDER`),
    names.length ? el('p', 'or send a sample, signed as the provider signs it:') : null,
    el('div.choices', names.map((name) => button(name, () => { choose(name); send({}); }, { 'data-sample': name }))));
}

// Sending samples.

let samples = {};
// What a first sample had best be: it says something about a person.
const FIRST = [/^(email_|hard_)?bounced?(_hard)?$/, /bounce/, /deliver/];

const options = (names) => names.map((name) => el('option', { value: name }, name));

async function learn() {
  const read = await attempt(() => ask('samples'));
  if (!read) return;
  samples = read.samples;
  const choice = $('#send-provider');
  const before = choice.value;
  choice.replaceChildren(...options(Object.keys(samples)));
  $('#provider').append(...options(Object.keys(samples)).slice($('#provider').length - 1));
  choose(before in samples ? before : Object.keys(samples)[0]);
  if (!$('#empty').hidden) empty($('#empty'), false);
}

function choose(provider) {
  if (!provider) return;
  $('#send-provider').value = provider;
  const names = samples[provider] ?? [];
  $('#send-sample').replaceChildren(...options(names));
  const first = FIRST.map((form) => names.find((name) => form.test(name))).find(Boolean);
  if (first) $('#send-sample').value = first;
}

async function send(how) {
  const sample = `${$('#send-provider').value}/${$('#send-sample').value}`;
  const recipient = $('#send-to').value.trim() || null;
  const answer = await attempt(() => post('send', { sample, recipient, break: null, times: 1, ...how }));
  if (answer) detail.sent(answer);
}

// Live.

let boot = null, source = null;

function connect() {
  source = new EventSource('/_postern/page/live');
  const on = (name, act) => source.addEventListener(name, (e) => act(JSON.parse(e.data)));
  on('hello', (told) => {
    const isAnother = boot !== null && boot !== told.boot;
    boot = told.boot;
    alive('live', true);
    full('');
    if (isAnother) {
      learn();
      if (/^#w\d/.test(location.hash)) go('w');
    }
    list.load();
    if (view !== 'w') route();
  });
  on('webhook', (row) => {
    list.changed(row);
    detail.changed(row.id);
    if (row.state === 'dead' && view === 'd') views.dead();
  });
  on('outbound', (one) => {
    views.delivered(one);
    if (one.webhook) detail.changed(one.webhook);
  });
  on('counts', counts);
  source.onerror = () => {
    alive('reconnecting', false);
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(connect, 1000);
    ask('page/live', AbortSignal.timeout(500)).catch((error) => full(error.code ? error.message : ''));
  };
}

function full(text) {
  $('#full').hidden = !text;
  $('#full').textContent = text && `Not live: ${text}.`;
}

function alive(text, isLive) {
  $('#live').className = isLive ? 'on' : '';
  $('#live span').textContent = text;
}

function counts(told) {
  for (const name of ['webhooks', 'dead', 'outbound']) {
    $('#count-' + name).textContent = told[name] ? count(told[name]) : '';
  }
}

function told(page) {
  counts(page.counts);
  $('h1').title = 'version ' + page.version;
}

// The theme.

const THEMES = ['auto', 'light', 'dark'];
const kept = () => { try { return localStorage.getItem('theme'); } catch { return null; } };

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  $('#theme').textContent = theme;
  $('#theme').ariaLabel = `Theme: ${theme}`;
  try { localStorage.setItem('theme', theme); } catch { /* it counts until the page is closed */ }
}

// Keys.

let waitsForView = false;

function key(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || $('#keys').open) return;
  const isTyping = e.target.matches('input');
  if (e.key === 'Escape') {
    if (isTyping) e.target.blur();
    else if (view === 'w' && location.hash !== '#w' && matchMedia('(max-width: 56rem)').matches) go('w');
    if (view === 'w') list.focus();
    return;
  }
  if (isTyping) return;
  const act = waitsForView && 'wpdo'.includes(e.key) && e.key;
  waitsForView = false;
  if (act) { go(act); return; }
  const acts = {
    j: () => move(1), k: () => move(-1), ArrowDown: () => inList(e) && move(1), ArrowUp: () => inList(e) && move(-1),
    '/': () => { $('#search').focus(); $('#search').select(); },
    s: () => send({}), r: () => view === 'w' && detail.resend(false),
    g: () => { waitsForView = true; }, '?': () => $('#keys').showModal(),
  };
  if (e.key === 'Enter') {
    if (inList(e)) { e.preventDefault(); read(e.target.closest('li').dataset.id); }
    return;
  }
  if (!acts[e.key]) return;
  if (acts[e.key]() !== false) e.preventDefault();
}

const inList = (e) => e.target.closest('#rows') !== null;

function move(by) {
  if (view !== 'w') { go('w'); return; }
  const id = list.step(by);
  if (!id) return;
  history.replaceState(null, '', '#' + id);
  route();
  list.focus();
}

function read(id) {
  if (location.hash !== '#' + id) go(id);
  $('#webhooks').classList.add('reading');
  $('#detail').focus();
}

// Start.

function start() {
  paint(THEMES.includes(kept()) ? kept() : 'auto');
  list.start({ open: go, empty, told });
  $('#theme').onclick = () => paint(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]);
  $('#help').onclick = () => $('#keys').showModal();
  $('#older').onclick = () => attempt(list.older);
  $('#newer').onclick = () => list.load();
  $('#provider').onchange = (e) => list.filter(null, e.target.value);
  for (const choice of $$('[data-show]')) choice.onclick = () => list.filter(choice.dataset.show, null);
  let typing;
  $('#search').oninput = (e) => {
    clearTimeout(typing);
    typing = setTimeout(() => { if (view !== 'w') go('w'); list.search(e.target.value); }, 150);
  };
  $('#search').onkeydown = (e) => {
    if (e.key !== 'Enter') return;
    clearTimeout(typing);
    const text = e.target.value.trim();
    e.target.blur();
    if (/^\S+@\S+$/.test(text)) { person(text); return; }
    go('w');
    list.search(text).then(list.focus);
  };
  $('#send-provider').onchange = (e) => choose(e.target.value);
  $('#send').onsubmit = (e) => { e.preventDefault(); send({}); };
  $('#send-twice').onclick = () => send({ times: 2 });
  $('#send-forged').onclick = () => send({ break: $('#send-break').value });
  if (matchMedia('(max-width: 56rem)').matches) $('#sender').open = false;
  addEventListener('hashchange', route);
  addEventListener('keydown', key);
  route();
  list.load();
  learn();
  connect();
}

start();
