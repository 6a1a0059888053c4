// What pages are made of.

import { h } from './dom.js';
import { notice } from './notices.js';
import { meaningOf, toneOf, words } from './statuses.js';

export function badge(pattern, status) {
    if (!status) { return null; }
    return h('span', { class: `badge tone-${toneOf(pattern, status)}`, title: meaningOf(pattern, status) || null }, words(status));
}

// Marks that turn the direction of a text or take no room would let one key pass for another.
const hidden = /([\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff])/;

/** A key as it is: apart from the text around it whatever its direction, and with what cannot be seen spelled out. */
export function keyText(text) {
    const parts = String(text ?? '').split(hidden).map(part => (hidden.test(part)
        ? h('span', { class: 'unprintable' }, `U+${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
        : part));
    return h('bdi', { class: 'key' }, parts);
}

export const keyList = keys => keys.map((key, index) => [index > 0 && ', ', keyText(key)]);

export const link = (href, ...children) => h('a', { href }, children);

/** Text that somebody else wrote, as a block of its own. */
export const quoted = text => (text ? h('span', { class: 'quoted', dir: 'auto' }, text) : null);

const briefly = 160;

/** The same, but what is long can be folded away. */
export function quotedBriefly(text) {
    if (!text || text.length <= briefly * 1.5) { return quoted(text); }
    return h('details', { class: 'long-text' },
        h('summary', null,
            h('span', { class: 'short', dir: 'auto' }, `${text.slice(0, briefly)}…`),
            h('span', { class: 'less' }, 'Less')),
        quoted(text));
}

/** An address is what a service says of itself: only http and https become a link. */
export function address(text) {
    return /^https?:\/\//i.test(text ?? '')
        ? h('a', { href: text, target: '_blank', rel: 'noopener noreferrer', class: 'key' }, text)
        : keyText(text);
}

/** Pairs of a name and a value; pairs without a value are left out. */
export function facts(...pairs) {
    const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
    return h('dl', { class: 'facts' }, known.map(([name, value]) => h('div', { key: name }, h('dt', null, name), h('dd', null, value))));
}

export function callout(tone, title, ...children) {
    return h('div', { class: `callout tone-${tone}`, key: `callout ${title}` }, h('strong', null, title), ' ', children);
}

export function section(title, ...children) {
    return h('section', { key: title, 'aria-label': title }, h('h2', null, title), children);
}

export const empty = (...children) => h('p', { class: 'empty', key: 'empty' }, children);

/**
 * A table that is a list of cards where there is no room. Roles are spelled out because browsers drop them when `display` changes.
 * A slim one has few and short columns, and stays a table.
 * A column is {head, cell(item), kind, swatch}; the first one names the row.
 */
export function table(caption, columns, items, keyOf, { isSlim = false } = {}) {
    const head = columns.map(({ head, kind, swatch }) => h('th', { role: 'columnheader', scope: 'col', class: kind, key: head },
        swatch ? h('span', { class: `swatch ${swatch}` }, head) : head));
    const row = item => h('tr', { role: 'row', key: keyOf(item) }, columns.map(({ head, cell, kind }, index) => h(
        index === 0 ? 'th' : 'td',
        { role: index === 0 ? 'rowheader' : 'cell', scope: index === 0 ? 'row' : null, class: kind, 'data-label': head, key: head },
        h('div', null, cell(item)))));

    return h('table', { role: 'table', class: isSlim ? 'table' : 'table roomy', key: `table ${caption}` },
        h('caption', { class: 'unseen' }, caption),
        h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head)),
        h('tbody', { role: 'rowgroup' }, items.map(row)));
}

export function button(text, onclick, { danger = false, label = null } = {}) {
    return h('button', { type: 'button', class: danger ? 'danger' : null, onclick, 'aria-label': label, key: label ?? text }, text);
}

export const actionGroup = (...buttons) => h('div', { class: 'actions', role: 'group', 'aria-label': 'Actions', key: 'actions' }, buttons);

export function copyButton(text, label = 'Copy the name') {
    if (!navigator.clipboard) { return null; } // Absent where the page came over plain http.
    const copy = () => navigator.clipboard.writeText(text).then(() => notice('Copied.'), () => notice('It could not be copied.'));
    return h('button', { type: 'button', class: 'quiet', onclick: copy, 'aria-label': label, key: 'copy' }, 'Copy');
}

/** The head of the page of one thing. */
export function itemHead({ list, listName, key, badges, extra }) {
    return h('header', { class: 'head', key: 'head' },
        h('nav', { 'aria-label': 'Breadcrumb', class: 'crumb' }, link(list, listName)),
        h('div', { class: 'title' }, h('h1', { tabindex: -1, class: key.length > 80 ? 'long' : null }, keyText(key)), copyButton(key)),
        h('p', { class: 'badges' }, badges, extra));
}

export const number = value => (value === null || value === undefined ? '' : Number(value).toLocaleString('en'));
export const percent = ratio => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`;
