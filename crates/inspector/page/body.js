// A body: pretty, verbatim, or as hex.

import { act, askBytes, attempt, button, copier, count, el, fill, show, written } from './text.js';

let mode = 'pretty';
export const bytes = (body) => `${count(body.bytes)} ${body.bytes === 1 ? 'byte' : 'bytes'}`;

// So much of a body is shown as hex, and this much is coloured.
const MOST_HEX = 256 * 1024, MOST_COLOURED = 64 * 1024;
const decode = (data) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return null;
  }
};

// Draws a body with the choice of how. `path` has it whole.
export function body(given, path, type = '') {
  let whole = { text: given.text, data: given.base64 ? Uint8Array.from(atob(given.base64), (c) => c.charCodeAt(0)) : null, cut: given.cut };
  const pane = el('pre', { tabindex: '0', 'aria-label': 'Body' });
  const choices = el('div.seg', { role: 'group', 'aria-label': 'Show the body' });
  const note = el('p.note', { hidden: true });
  const paint = () => {
    for (const choice of choices.children) choice.ariaPressed = choice.dataset.mode === mode;
    const said = [whole.cut ? `The first 64 KiB of ${bytes(given)}.` : null, paintAs(pane, mode, whole, type)].filter(Boolean);
    note.replaceChildren();
    note.hidden = said.length === 0;
    fill(note, said.join(' '), ' ', whole.cut ? act('show all', all) : null);
  };
  const all = () => attempt(async () => {
    const data = await askBytes(path);
    whole = { text: decode(data), data, cut: false };
    paint();
  });
  for (const name of ['pretty', 'verbatim', 'hex']) {
    choices.append(button(name, () => { mode = name; paint(); }, { 'data-mode': name }));
  }
  paint();
  return el('div.body', el('div.bar', choices, given.text != null ? copier(given.text) : null), note, pane);
}

// Paints a body. Returns what a reader has to know of it.
function paintAs(pane, how, whole, type) {
  pane.replaceChildren();
  if (how === 'hex' || whole.text == null) {
    const data = whole.data ?? new TextEncoder().encode(whole.text ?? '');
    pane.append(hex(data.subarray(0, MOST_HEX)));
    const more = data.length > MOST_HEX ? `As hex, the first ${MOST_HEX / 1024} KiB.` : '';
    return how === 'hex' ? more : `It is not UTF-8. ${more}`;
  }
  if (how === 'verbatim') { show(pane, whole.text); return null; }
  const form = /^[\w.-]+=[^{}\[\]"\n]*$/.test(whole.text.slice(0, 200)) && /form-urlencoded|^$/.test(type) ? fields(whole.text) : null;
  if (form) {
    for (const [name, given] of form) {
      fill(pane, el('span.k', written(name)), ' = ');
      if (!pretty(pane, given)) fill(pane, given);
      fill(pane, '\n');
    }
    return 'A form, its fields decoded.';
  }
  if (pretty(pane, whole.text)) return null;
  show(pane, whole.text);
  return whole.text === '' ? 'It is empty.' : whole.cut ? null : 'It is not JSON.';
}

function fields(text) {
  const given = [...new URLSearchParams(text)];
  return given.length ? given : null;
}

function* tokens(text) {
  let at = 0;
  while (at < text.length) {
    const from = at, first = text[at];
    if (first === '"') {
      at = ending(text, at + 1);
    } else if ('{}[],:'.includes(first)) {
      at++;
    } else {
      while (at < text.length && !'{}[],:" \t\r\n'.includes(text[at])) at++;
      if (at === from) { at++; continue; }
    }
    yield text.slice(from, at);
  }
}

function ending(text, at) {
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    at = quote + 1;
    if (slashes % 2 === 0) return at;
  }
}

const DEEPEST = 40;

// Paints JSON with a line for each member, token by token: what stands there is not changed, a
// number's digits or a name that is twice. Returns whether it is JSON at all.
function pretty(pane, text) {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return false;
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  const isColoured = text.length <= MOST_COLOURED;
  let line = '', depth = 0, before = '';
  const flush = () => { if (line) { fill(pane, line); line = ''; } };
  const newline = () => { line += '\n' + '  '.repeat(Math.min(depth, DEEPEST)); };
  const all = tokens(text);
  let token = all.next();
  while (!token.done) {
    const word = token.value;
    token = all.next();
    const next = token.value ?? '';
    if (word === '{' || word === '[') {
      line += word;
      depth++;
      if (next !== '}' && next !== ']') newline();
    } else if (word === '}' || word === ']') {
      depth--;
      if (before !== '{' && before !== '[') newline();
      line += word;
    } else if (word === ',') {
      line += word;
      newline();
    } else if (word === ':') {
      line += ': ';
    } else if (isColoured) {
      flush();
      pane.append(el(next === ':' ? 'span.k' : word[0] === '"' ? 'span.s' : 'span.n', word));
    } else {
      line += word;
    }
    before = word;
  }
  flush();
  return true;
}

// Returns bytes as lines of hex, with what of them is printable ASCII.
function hex(data) {
  const lines = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = data.subarray(at, at + 16);
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = Array.from(row, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${digits.padEnd(47)}  ${letters}`);
  }
  return lines.join('\n');
}
