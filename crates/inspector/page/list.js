// The list of webhooks: newest first, live, and never more than so many rows.

import { $, $$, act, ask, attempt, badge, button, el, fill, many, person, time, value } from './text.js';

const MOST_ROWS = 500;
const PAGE = 100;
// While a filter is on, the stack is asked again at most so often.
const ASK_EVERY = 300;

export const state = { show: 'all', provider: '', q: '', selected: null, url: '' };
let rows = [];
let hasOlder = false, isAtTop = true, held = null, asked = 0, timer = null;
let hooks;

const number = (id) => Number(id.slice(1));
const find = (id) => rows.find((entry) => entry.row.id === id);
const isFiltered = () => state.show !== 'all' || state.provider !== '' || state.q !== '';

// Tells the list what happens when a row is opened, when there is none, and what is counted.
export const start = (given) => { hooks = given; };

function query(before) {
  const asked = new URLSearchParams({ limit: PAGE, show: state.show });
  if (state.provider) asked.set('provider', state.provider);
  if (state.q) asked.set('q', state.q);
  if (before) asked.set('before', before);
  return 'webhooks?' + asked;
}

// Reads the newest page. What comes in the meantime is kept, and put in after it.
export async function load(live) {
  const mine = ++asked;
  held ??= [];
  const page = await attempt(() => ask(query()));
  if (mine !== asked) return;
  const late = held;
  held = null;
  if (page) {
    isAtTop = true;
    // Older ones stay as the newest come anew.
    const end = live && page.more ? number(page.webhooks.at(-1).id) : 0;
    if (!rows.some(({ row }) => number(row.id) < end)) hasOlder = page.more;
    state.url = page.url;
    hooks.told(page);
    drop(({ row }) => number(row.id) >= end && !page.webhooks.some((other) => other.id === row.id));
    page.webhooks.forEach(put);
  }
  late.forEach(isFiltered() ? changed : put);
  settle();
}

function drop(isGone) {
  rows = rows.filter((entry) => {
    const gone = isGone(entry);
    if (gone) entry.item.remove();
    return !gone;
  });
}

export function changed(row) {
  if (held) held.push(row);
  else if (isFiltered()) timer ||= isAtTop && setTimeout(() => { timer = null; load(true); }, ASK_EVERY);
  else if (isAtTop || find(row.id)) { put(row); settle(); }
}

// Reads a page of older ones. The newest make room for them.
export async function older() {
  if (held) return setTimeout(older, 99);
  const mine = asked;
  const page = await ask(query(rows.at(-1).row.id));
  if (mine !== asked) return older();
  hasOlder = page.more;
  page.webhooks.forEach(put);
  const first = rows.length - MOST_ROWS;
  if (first > 0) {
    isAtTop = false;
    drop((entry) => rows.indexOf(entry) < first);
  }
  settle();
}

// Puts a row in its place: by number, the newest first. One that stays the same keeps its element.
function put(row) {
  const text = JSON.stringify(row);
  let entry = find(row.id);
  if (entry?.text === text) return;
  if (!entry) {
    const main = button('', () => hooks.open(row.id), { class: 'row', tabindex: '-1' });
    entry = { item: el('li', { 'data-id': row.id }, main), main };
    const older = rows.findIndex((other) => number(other.row.id) < number(row.id));
    const at = older < 0 ? rows.length : older;
    $('#rows').insertBefore(entry.item, rows[at]?.item ?? null);
    rows.splice(at, 0, entry);
  }
  Object.assign(entry, { row, text });
  draw(entry);
}

function draw({ row, main }) {
  const isRefused = row.is_bad && row.code;
  main.replaceChildren();
  fill(main, time(row.at), badge(verdict(row)), el('span.who', row.provider ?? '-'),
    isRefused ? el('span.what.code', value(row.code))
      : row.provider ? el('span.what', value(row.summary ?? ''))
      : el('span.what.code', value(`${row.method} ${row.path}`)),
    isRefused && row.summary && el('span.more', value(row.summary)),
    row.hint && el('span.more.hint', value(row.hint)));
}

export const verdict = (row) => (row.state === 'waiting' ? 'wait' : row.verdict);

// Brings everything around the rows up to date.
function settle() {
  if (rows.length > MOST_ROWS) {
    hasOlder = true;
    drop((entry) => rows.indexOf(entry) >= MOST_ROWS);
  }
  $('#older').hidden = !hasOlder;
  $('#newer').hidden = isAtTop;
  mark();
  found();
  const isEmpty = rows.length === 0;
  $('#empty').hidden = !isEmpty;
  if (isEmpty) hooks.empty($('#empty'), isFiltered());
  $('#webhooks').classList.toggle('none', isEmpty && !isFiltered());
}

// Says what is searched for, and where else to look.
function found() {
  const note = $('#found');
  note.hidden = state.q === '';
  if (note.hidden) return;
  note.replaceChildren();
  fill(note, rows.length ? `${many(rows.length, 'webhook')}${hasOlder ? ' and more' : ''} with ` : 'Nothing has ', value(state.q), ' ',
    state.q.includes('@') ? act('open the person', () => person(state.q)) : null, ' ',
    act('clear', () => search('')));
}

// Marks the row that is open. It alone is in the order of the Tab key.
export function mark() {
  const chosen = find(state.selected) ?? rows[0];
  for (const { row, main } of rows) {
    main.tabIndex = row.id === chosen.row.id ? 0 : -1;
    main.ariaCurrent = row.id === state.selected ? 'true' : null;
  }
}

// Returns the id of the row that is so many further down.
export function step(by) {
  const at = rows.indexOf(find(state.selected));
  const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
  return rows[to]?.row.id;
}

export const reveal = (id) => find(id)?.item.scrollIntoView({ block: 'nearest' });
export const focus = () => (find(state.selected) ?? rows[0])?.main.focus();

export function search(text) {
  state.q = text.trim();
  if ($('#search').value.trim() !== state.q) $('#search').value = state.q;
  return load();
}

export function filter(show, provider) {
  state.show = show ?? state.show;
  state.provider = provider ?? state.provider;
  for (const choice of $$('[data-show]')) choice.ariaPressed = choice.dataset.show === state.show;
  return load();
}
