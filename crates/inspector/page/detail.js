// One webhook: why, the way it took, what signed it, what it brought and what was made of it.

import { $, act, ask, attempt, badge, button, command, count, el, fill, go, lazy, many, moment, nothing, part, person, post, save, say, span, th, time, value } from './text.js';
import { body, bytes } from './body.js';
import { state, verdict } from './list.js';

let current = null, drawn = '', reading = null, again = null;
// What the reader has opened or chosen stays so from one webhook to the next.
const opened = { signature: true, headers: false, body: true, events: true, would: true, items: false, told: true };

// Opens a webhook. A second call for the same one reads it again.
export async function open(id) {
  state.selected = id;
  reading?.abort();
  reading = new AbortController();
  const mine = reading;
  let detail;
  try {
    detail = await ask('webhooks/' + id, mine.signal);
  } catch (error) {
    if (error.name === 'AbortError' || mine !== reading) return;
    close(error.status === 404 ? 'This webhook is no longer kept.' : error.message);
    return;
  }
  if (mine !== reading || state.selected !== id) return;
  const text = JSON.stringify(detail);
  if (text === drawn) return;
  const pane = $('#detail');
  const isSame = current?.id === id;
  const top = isSame ? pane.scrollTop : 0;
  const focused = isSame ? controls(pane).indexOf(document.activeElement) : -1;
  current = detail;
  drawn = text;
  pane.replaceChildren();
  draw(pane, detail);
  pane.scrollTop = top;
  controls(pane)[focused]?.focus();
}

const controls = (pane) => [...pane.querySelectorAll('button, summary, a, pre')];

export function changed(id) {
  if (state.selected !== id) return;
  again ??= setTimeout(() => { again = null; if (state.selected) open(state.selected); }, 120);
}

export function close(text) {
  reading?.abort();
  current = state.selected = null;
  drawn = '';
  $('#detail').replaceChildren(nothing(text));
}

export async function resend(unchanged) {
  if (!current) return;
  const answer = await attempt(() => post(`webhooks/${current.id}/send`, { unchanged }));
  if (answer) sent(answer);
}

// Says what became of something that was sent, and opens it.
export function sent(answer) {
  const last = answer.sent.at(-1);
  const statuses = answer.sent.map((one) => one.status).join(' and ');
  say(`Sent: ${statuses}.`, answer.sent.some((one) => one.status >= 400));
  if (last?.webhook) go(last.webhook);
}

// What a reader asks first stands first: what was stored, or what was wrong with the signature.
function draw(pane, detail) {
  fill(pane, head(detail), why(detail), way(detail), events(detail), items(detail), told(detail), signature(detail), headers(detail),
    section('body', ['Body', small(bytes(detail.body))], () => body(detail.body, `webhooks/${detail.id}/body`, contentType(detail))),
    would(detail));
}

const small = (...text) => el('small', ...text);
const contentType = (detail) => detail.headers.find((header) => header.name.toLowerCase() === 'content-type')?.value ?? '';

function head(detail) {
  const id = detail.id;
  return el('header.head',
    button('list', () => go('w'), { class: 'back' }),
    el('div.title', badge(verdict(detail)),
      el('h2', detail.provider ?? 'no provider'),
      el('span.path', value(`${detail.method} ${detail.path}`))),
    el('div.facts', el('a', { href: '#' + id }, id), ' ',
      el('time', moment(detail.at), ' UTC'), ' answered in ', span(detail.took_ms),
      detail.source && [', signed with the key ', value(detail.source)]),
    el('div.tools',
      button('Send again', () => resend(false), { title: 'Signed anew, dated now (r)' }),
      button('Send unchanged', () => resend(true), { title: 'The replay, byte for byte' }),
      button('curl', () => curl(id)),
      button('Download body', () => save(`webhooks/${id}/body`))),
    el('div.curl', { hidden: true }));
}

async function curl(id) {
  const box = $('#detail .curl');
  if (!box.hidden) { box.hidden = true; return; }
  const answer = await attempt(() => ask(`webhooks/${id}/curl`));
  if (!answer) return;
  box.replaceChildren(command(answer.text));
  box.hidden = false;
}

function why(detail) {
  const { why, near, age, dead, hint, code } = detail;
  if (!why && !near && !hint) return null;
  const isLate = age && code?.startsWith('timestamp_');
  return el('section.why.' + (detail.status === 401 ? 'bad' : 'warn'),
    near && el('div.near', el('p', value(near.text)), near.command && command(near.command)),
    el(near ? 'div.else' : 'div', near && 'Otherwise: ',
      why && el('p.cause', value(why.cause)),
      hint && el('p.cause', value(hint)),
      isLate && el('p.age', value(age.text)),
      why && el('p.cure', value(why.cure))),
    el('p.where', code && el('code', value(code)), why && ' ' + why.page),
    dead?.would_be_stored && el('p', 'It would be stored now: redrive it.'));
}

// The way a webhook takes, as a strip. Tries in a row are one step.
function way(detail) {
  const steps = [];
  for (const step of detail.way) {
    const last = steps.at(-1);
    if (last?.step === step.step && step.step === 'tried') Object.assign(last, step, { times: last.times + 1 });
    else steps.push({ ...step, times: 1 });
    if (step.step === 'stored' && detail.known) steps.at(-1).text += `, ${count(detail.known.events)} known already`;
  }
  const arrived = { step: 'arrived', at: detail.at, text: moment(detail.at).split(' ').at(-1), times: 1 };
  return el('ol.way', { 'aria-label': 'The way it took' }, [arrived, ...steps].map((step) => {
    const isRefused = step.step === 'answered' && detail.status >= 400;
    const tone = isRefused ? 'bad' : { failed: 'bad', 'put aside': 'warn', tried: 'dim' }[step.step] ?? 'ok';
    return el('li.' + tone,
      el('b', step.step, step.times > 1 && ` ${step.times} times`),
      el('span.after', step.after_ms == null ? '' : '+' + span(step.after_ms)),
      el('span.say', value((step.text ?? '').replace(/^(message [\w]{8})-.*/, '$1'))));
  }));
}

function section(key, title, make) {
  const box = el('details.part', { 'data-part': key, open: opened[key] }, el('summary', title));
  box.addEventListener('toggle', () => { opened[key] = box.open; });
  return lazy(box, make);
}

function signature(detail) {
  const parts = detail.signature;
  if (parts.length === 0) return null;
  const places = [...new Set(parts.filter((part) => part.role !== 'signed').map((part) => part.place))];
  const row = ({ role, name, value: shown, words }) => el('tr',
    th(role === 'signed' ? 'what is signed' : value(name)),
    el('td.mono', shown != null ? value(shown) : role === 'signed' ? null : el('i', 'hidden: a shared secret'),
      el('div.words', words.map((word) => el('span', value(word))))),
    el('td.role', role === 'signed' || role === name ? null : role));
  return section('signature', ['Signature', small(places.length ? `in the ${places.join(' and the ')}` : '')],
    () => el('table', el('tbody', parts.map(row))));
}

function headers(detail) {
  const signed = detail.headers.filter((header) => header.part).length;
  const query = detail.query.map((one) => ({ ...one, name: '?' + one.name }));
  const row = (one) => el('tr' + (one.part ? '.signed' : ''), th(value(one.name)), el('td.mono', value(one.value)), el('td.role', one.part && 'signs'));
  return section('headers', ['Headers', small(`${detail.headers.length}${signed ? `, ${signed} of the signature` : ''}`)],
    () => el('table', el('tbody', [...detail.headers, ...query].map(row))));
}

function would(detail) {
  const made = detail.would?.events;
  if (!made) return null;
  return section('would', ['What it would be, if it were vouched for', small(many(made.length, 'event'))],
    () => (made.length ? made.map((one) => event(one, detail)) : nothing('No event.')));
}

function events(detail) {
  const made = detail.events;
  if (made.length === 0) return null;
  return section('events', ['Events', small(count(made.length + (detail.more_events)))], () => [
    detail.known && nothing(`Known already: ${many(detail.known.events, 'event')} came with `, act(detail.known.webhook, () => go(detail.known.webhook)), ' and is stored once.'),
    made.map((one) => event(one, detail)),
    detail.more_events ? nothing(`and ${count(detail.more_events)} more, in the table`) : null]);
}

export const chips = (made) => [
  made.suppression && el('span.chip.' + (made.suppression === 'lifted' ? 'ok' : 'bad'), made.suppression),
  made.machine && el('span.chip', 'a machine')];

// Draws one event: each field beside the field that it came from.
export function event(made, detail) {
  const classes = made.fields.find((field) => field.name === 'bounce_class')?.value;
  const message = made.fields.find((field) => field.name === 'message_id')?.value;
  const provider = made.provider ?? detail?.provider;
  return el('article.event',
    el('h3', el('b', made.kind), classes && el('span.chip', value(classes)),
      made.recipient && el('span', value(made.recipient)),
      chips(made),
      el('span.acts',
        made.recipient && act('timeline', () => person(made.recipient)),
        message && provider && act('message', () => go(`m/${part(provider)}/${part(message)}`)))),
    el('table.fields', el('tbody', made.fields.map((field) => el('tr',
      th(field.name),
      el('td', value(field.value ?? '')),
      el('td.from', field.from && value(field.from)))))),
    made.key && el('p.key', value(made.key.pk), ' / ', value(made.key.sk)));
}

function items(detail) {
  if (detail.events.length === 0) return null;
  return section('items', ['In the table', small('as it is now')], () => {
    const box = el('div', nothing('Reading.'));
    attempt(() => ask(`webhooks/${detail.id}/items`)).then((read) => {
      box.replaceChildren();
      if (!read) return;
      fill(box, read.items.length ? read.items.map(item) : nothing('Nothing of it is in the table.'),
        read.suppression.map(register));
    });
    return box;
  });
}

const text = (what) => (typeof what === 'string' ? what : JSON.stringify(what));

const item = (attributes) => el('table.fields.item', el('tbody',
  Object.entries(attributes).map(([name, what]) => el('tr', th(value(name)), el('td', value(text(what)))))));

const register = (of) => el('article.event',
  el('h3', el('b', 'Suppression'), el('span', value(of.address)), el('span.acts', act('timeline', () => person(of.address)))),
  Object.keys(of.registers).length === 0 ? nothing('No register: may be mailed.') : item(of.registers));

function told(detail) {
  const made = detail.told;
  if (made.length === 0) return null;
  return section('told', ['Sent on', small(count(made.length))], () => el('div.scroll', deliveries(made)));
}

export const grid = (names, lines) => el('table.rows', el('thead', el('tr', names.map((name) => el('th', { scope: 'col' }, name)))), el('tbody', lines));

export const deliveries = (made, withWebhook) => grid(['time', 'endpoint', 'type', 'recipient', 'try', 'answer', 'took', 'next'], made.map((one) => delivery(one, withWebhook)));

export function delivery(one, withWebhook) {
  const tone = { delivered: 'ok', failed: 'bad' }[one.outcome] ?? 'warn';
  return el('tr', { 'data-id': `${one.id}/${one.outlet}` },
    el('td', time(one.at)), el('td', one.outlet === 0 ? 'bus' : one.outlet),
    el('td', value(one.type ?? '')), el('td', one.recipient && value(one.recipient),
      withWebhook && one.webhook && [' ', act(one.webhook, () => go(one.webhook))]),
    el('td', one.attempt ?? ''), el('td', el('span.badge.' + tone, String(one.status ?? one.outcome)), ' ', one.code && one.code !== one.outcome && el('span.code', value(one.code))),
    el('td', span(one.took_ms)), el('td', one.next_at && time(one.next_at)));
}
