// How text enters the page, and how the page asks the stack.
//
// Everything that is shown goes through `show`: text nodes alone, never markup. What a reader
// cannot see (controls, bidi marks, zero width) is shown as its code point.

const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;
// So many code points of one text get an element of their own; what follows is written out.
const MOST_MARKS = 200;

export const $ = (selector) => document.querySelector(selector);
export const $$ = (selector) => document.querySelectorAll(selector);

const name = (character) => 'U+' + character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');

export function show(element, text) {
  text = String(text);
  let at = 0, marks = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (++marks > MOST_MARKS) break;
    if (match.index > at) element.append(text.slice(at, match.index));
    const mark = document.createElement('span');
    mark.className = 'hid';
    mark.textContent = name(match[0]);
    element.append(mark);
    at = match.index + match[0].length;
  }
  if (at < text.length) element.append(written(text.slice(at)));
  return element;
}

// Returns a text with its hidden characters written out.
export const written = (text) => text.replace(HIDDEN, (character) => `[${name(character)}]`);

// Makes an element: `el('div.note', {title: …}, child, 'text', …)`. What is null is left out.
export function el(what, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  const attributes = Object.getPrototypeOf(children[0] ?? '') === Object.prototype ? children.shift() : {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  return fill(element, children);
}

export function fill(element, ...children) {
  for (const child of children.flat(9)) {
    if (child == null || child === false || child === '') continue;
    if (child instanceof Node) element.append(child);
    else show(element, child);
  }
  return element;
}

// Makes a value that came from outside: isolated, so that it turns nothing round beside it.
export const value = (text, classes = '') => el('bdi.value' + classes, text);

export const button = (text, onclick, attributes) => el('button', { type: 'button', onclick, ...attributes }, text);

export const act = (text, does, attributes) => button(text, (e) => { e.preventDefault(); does(); }, { class: 'small', ...attributes });

export const th = (...children) => el('th', { scope: 'row' }, ...children);
export const nothing = (...text) => el('p.nothing', ...text);

export function lazy(box, make) {
  const build = () => { if (box.open && make) { fill(box, make()); make = null; } };
  box.addEventListener('toggle', build);
  build();
  return box;
}

export const copier = (text) => act('copy', async () => {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    say('The browser does not let this page copy. Select the text instead.', true);
  }
});

export const command = (text) => el('div.command', el('code', value(text)), copier(text));

let quiet;
export function say(text, isBad = false) {
  const said = $('#said');
  said.replaceChildren();
  show(said, text);
  said.className = isBad ? 'bad' : 'ok';
  clearTimeout(quiet);
  quiet = setTimeout(() => { said.replaceChildren(); said.className = ''; }, isBad ? 8000 : 4000);
}

// Does something, and says what went wrong with it.
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (error.name !== 'AbortError') say(error.message, true);
    return null;
  }
}

async function read(answer) {
  const body = await answer.json().catch(() => null);
  if (answer.ok && body) return body;
  const error = new Error(body?.error?.message ?? `The stack answered ${answer.status}.`);
  error.status = answer.status;
  error.code = body?.error?.code;
  throw error;
}

async function reach(path, options) {
  try {
    return await fetch('/_postern/' + path, { cache: 'no-store', ...options });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Error('The stack does not answer.');
  }
}

export const ask = async (path, signal) => read(await reach(path, { signal }));

export const askBytes = async (path) => {
  const answer = await reach(path);
  if (!answer.ok) throw new Error(`The stack answered ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
};

export const post = async (path, body) => read(await reach(path, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-postern': '1' },
  body: JSON.stringify(body),
}));

export const part = (text) => encodeURIComponent(text);

export const save = (path) => el('a', { href: '/_postern/' + path, download: '' }).click();

const isToday = (at) => at.startsWith(new Date().toISOString().slice(0, 10));
const day = (at, year) => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year, timeZone: 'UTC' });

// Returns the time of the day, and the day if it is not today.
export const clock = (at) => (!at ? '' : isToday(at) ? at.slice(11, 19) : `${day(at)} ${at.slice(11, 16)}`);

export const moment = (at) => (!at ? '' : `${isToday(at) ? 'today' : day(at, 'numeric')} ${at.slice(11).replace('Z', '')}`);

export const time = (at) => el('time', { datetime: at, title: moment(at) + ' UTC' }, clock(at));

// Returns a span of time, given in milliseconds.
export function span(ms) {
  if (ms == null) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

export const count = (number) => Number(number ?? 0).toLocaleString('en');
export const many = (number, one, more = one + 's') => `${count(number)} ${number === 1 ? one : more}`;

export const go = (hash) => { location.hash = hash; };
export const person = (address) => go('p/' + part(address));

export function badge(verdict) {
  const tone = /^(2\d\d|yes)$/.test(verdict) ? 'ok' : /^(dead|wait|404|405|413)$/.test(verdict) ? 'warn' : 'bad';
  return el('span.badge.' + tone, verdict);
}
