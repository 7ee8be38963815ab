// People, messages, dead letters and what was sent on.

import { $, act, ask, attempt, badge, button, command, count, el, fill, go, lazy, many, moment, nothing, part, person, post, save, say, time, value } from './text.js';
import { body, bytes } from './body.js';
import { chips, delivery, deliveries, event, grid } from './detail.js';

const CHANNELS = ['email', 'sms', 'push', 'in_app', 'whatsapp', 'slack', 'webhook'];
let drawn = 0, channel = 'email';

// Reads a path and draws a view of it. What comes late for another view is dropped.
async function present(label, path, draw, head = null) {
  const view = $('#view'), mine = ++drawn;
  const isOther = view.getAttribute('aria-label') !== label;
  view.setAttribute('aria-label', label);
  if (isOther) view.replaceChildren();
  let made;
  try {
    made = path && await ask(path);
  } catch (error) {
    made = null;
    draw = () => el('p.trouble', error.message);
  }
  if (mine !== drawn) return;
  const top = isOther ? 0 : view.scrollTop;
  view.replaceChildren(el('div.page', head, draw(made)));
  view.scrollTop = top;
}

function asker(address) {
  const field = el('input', { type: 'text', name: 'address', value: address, placeholder: 'kim@mail.test', 'aria-label': 'Address', spellcheck: 'false', autocomplete: 'off' });
  const choice = el('select', { 'aria-label': 'Channel' }, CHANNELS.map((name) => el('option', { value: name, selected: name === channel }, name)));
  const submit = (e) => {
    e.preventDefault();
    channel = choice.value;
    const hash = 'p/' + part(field.value.trim());
    if (location.hash === '#' + hash) people(field.value.trim());
    else go(hash);
  };
  return el('form.ask', { onsubmit: submit }, field, choice, el('button.main', { type: 'submit' }, 'Look up'));
}

// Shows a person: may they be mailed, why, and what happened.
export async function people(address) {
  const head = asker(address);
  const path = address && `people/${part(address)}?channel=${part(channel)}`;
  await present('People', path, (read) => (read ? known(read) : el('p.lead', 'May this address be mailed, why not, and what happened to it at every provider.')), head);
  if (!address) head.querySelector('input').focus();
}

const known = (read) => [
  el('section.verdict.' + ({ true: 'ok', false: 'bad' }[read.may_mail] ?? 'warn'),
    el('h2', value(read.address)),
    read.may_mail == null ? el('p', 'Not known.')
      : el('p', badge(read.may_mail ? 'yes' : 'no'), ' ', read.may_mail ? 'May be mailed.' : 'Is not to be mailed.'),
    read.reasons.map((one) => el('p.reason', el('b', value(one.reason)), ' since ', moment(one.since), one.provider && [', said by ', one.provider], one.text && [': ', value(one.text)]))),
  read.optouts.length ? el('section', el('h3', 'Opted out of'), read.optouts.map((one) => el('p', value(one.scope), ' ', value([one.reason].flat().join(', '))))) : null,
  el('section', el('h3', 'Timeline'), timeline(read.events),
    read.more && nothing('There are older ones: ', el('code', 'postern events'), ' shows all.')),
  el('section', el('h3', 'To erase'), nothing(many(read.erase.items, 'item'), ': ', value(read.erase.rows.join(', '))), command(read.erase.command),
    nothing('A dry run, unless --go is added. --keep-suppression keeps that they must not be mailed.'))];

function timeline(events) {
  if (events.length === 0) return nothing('Nothing is stored of this address. Is it spelled so?');
  return el('ol.timeline', events.map((one) => el('li',
    el('div.when', time(one.at), el('span.who', one.provider ?? ''), one.webhook && act(one.webhook, () => go(one.webhook))),
    fold(one))));
}

function fold(one) {
  const said = (name) => one.fields.find((field) => field.name === name)?.value;
  const more = [said('bounce_class'), said('reason') ?? said('url') ?? said('subject')].filter(Boolean).join('  ');
  const box = el('details', el('summary', el('b', one.kind), ' ', value(more),
    chips(one)));
  return lazy(box, () => event(one, null));
}

// Shows a message: each recipient, and what happened.
export const message = (provider, id) => present('Message', `messages/${part(provider)}/${part(id)}`, (read) => [
  el('section.verdict', el('h2', 'Message ', value(read.id)), el('p', 'sent by ', read.provider)),
  read.recipients.length ? null : nothing('Nothing is stored of this message.'),
  read.recipients.map((one) => el('section',
    el('h3', one.address ? value(one.address) : 'no recipient', ' ', one.address && act('timeline', () => person(one.address))),
    timeline(one.events)))]);

// The letters that are listed; the ids of those that were moved back, by the first id of each.
let listed = [];
const moved = new Map();
const isBack = ({ first, id }) => (moved.get(first) ?? id) !== id;

function returned(dead) {
  const back = dead.filter((letter) => isBack(letter) && !listed.some(({ id }) => id === letter.id));
  listed = dead;
  if (back.length) say(`${many(back.length, 'letter')} came back: ${[...new Set(back.flatMap((letter) => letter.codes))].join(', ')}.`, true);
}

// Shows the dead letters, by provider and code.
export const dead = () => present('Dead letters', 'dead', ({ dead, more }) => [
  returned(dead),
  el('div.bar', el('h2', 'Dead letters'), el('small', count(dead.length), more ? ' and more' : ''),
    dead.length ? button('Redrive all', () => redrive(null), { class: 'main', id: 'redrive-all' }) : el('p.lead', 'None. What is accepted and cannot be stored is put aside here, and nothing of it is lost.')),
  Object.values(Object.groupBy(dead, (letter) => `${letter.provider} ${letter.codes}`)).map(group)]);

function group(letters) {
  const first = letters[0];
  return el('section.group',
    el('h3', el('span.who', first.provider ?? 'no provider'), el('span.code', value(first.codes.join(', '))), el('small', many(letters.length, 'letter'))),
    first.why && el('div.why.warn', el('p.cause', value(first.why.cause)), el('p.cure', value(first.why.cure)), el('p.where', first.why.page)),
    letters.map(letterOf));
}

function letterOf(letter) {
  const box = el('details.letter', { 'data-id': letter.id }, el('summary',
    time(letter.at), ' ', el('span.chip.' + (isBack(letter) ? 'bad' : letter.would_be_stored ? 'ok' : 'dim'), isBack(letter) ? 'came back' : letter.would_be_stored ? 'would be stored now' : 'would come back'),
    el('small', bytes({ bytes: letter.bytes })),
    el('span.acts',
      act('Redrive', () => redrive([letter.id])),
      act('Download', () => save(`dead/${part(letter.id)}/body`)),
      letter.webhook && act(letter.webhook, () => go(letter.webhook)))));
  return lazy(box, () => body(letter.body, `dead/${part(letter.id)}/body`));
}

async function redrive(ids) {
  for (const { first, id } of listed) if (ids?.includes(id) ?? true) moved.set(first, id);
  const done = await attempt(() => post('dead/redrive', { ids }));
  if (!done) return;
  say(`Moved ${many(done.moved, 'letter')} back to the queue${done.left ? `; ${count(done.left)} left` : ''}.`);
  if (location.hash === '#d') dead();
}

let next = null, sought = '';

export const outbound = () => present('Outbound', `outbound?limit=100&q=${part(sought)}`, (read) => {
  const table = deliveries(read.outbound, true);
  table.id = 'deliveries';
  next = read.next;
  const field = el('input', { type: 'search', value: sought, placeholder: 'type, code, address', 'aria-label': 'Search the deliveries' });
  const seek = (e) => { e.preventDefault(); sought = field.value.trim(); outbound(); };
  return [el('section', el('h2', 'Endpoints'), read.endpoints.length ? endpoints(read.endpoints)
    : [el('p.lead', 'No endpoint is registered. One that runs here and prints what it gets:'), command('postern listen --out')]),
  el('section', el('div.bar', el('h2', 'Deliveries'), el('form.ask', { onsubmit: seek }, field)),
    read.outbound.length ? el('div.scroll', table) : nothing(sought ? 'None with this.' : 'None yet.'),
    read.more && button('older', (e) => further(table, e.target), { class: 'wide' }))];
});

async function further(table, more) {
  const read = await attempt(() => ask(`outbound?limit=100&q=${part(sought)}&before=${next}`));
  if (!read) return;
  fill(table.tBodies[0], read.outbound.map((one) => delivery(one, true)));
  next = read.next;
  more.hidden = !read.more || table.tBodies[0].children.length >= 500;
}

export function delivered(one) {
  const table = $('#deliveries');
  if (location.hash !== '#o') return;
  if (!table || sought) { soon(); return; }
  const key = `${one.id}/${one.outlet}`;
  const row = delivery(one, true);
  const known = [...table.tBodies[0].children].find((row) => row.dataset.id === key);
  if (known) known.replaceWith(row);
  else table.tBodies[0].prepend(row);
  while (table.tBodies[0].children.length > 500) table.tBodies[0].lastElementChild.remove();
}

let timer = null;
const soon = () => { timer ??= setTimeout(() => { timer = null; if (location.hash === '#o') outbound(); }, 300); };

const TONES = { ok: 'ok', failing: 'warn', open: 'bad', disabled: 'bad' };
const endpoints = (all) => el('div.scroll', grid(['id', 'host', 'events', 'state', 'undelivered'], all.map((one) => el('tr',
  el('td', one.id || 'bus'), el('td', value(one.url_host)), el('td', value(one.events)),
  el('td', el('span.badge.' + (one.active ? TONES[one.state] : 'dim'), one.active ? one.state : 'paused')),
  el('td', count(one.undelivered), one.undelivered_more && '+')))));
