// A page that lists the things of one pattern. The first page is live; later ones are had once, since what is "the next fifty" of a list that
// moves would not hold still under the reader's eyes.

import { addressOf } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { filterForm, statusChips, withParams } from './filters.js';
import { button, empty, link, table } from './parts.js';
import { linkTo, patterns } from './pattern-links.js';
import { go, hashOf } from './router.js';

/**
 * `kind` is {pattern, api, intro, search, filters(route), columns, keyOf(item), open: {title, verb, fields, says}, nothing}.
 */
export function listPage(kind) {
    const { page, many, status } = patterns[kind.pattern];
    const isFiltered = route => Object.keys(route.params).some(name => name !== 'cursor');

    return {
        page,
        title: () => many,
        isLive: route => !route.params.cursor,
        address: route => addressOf(kind.api, route.params),
        head: ({ route }) => h('header', { class: 'head', key: 'head' },
            h('div', { class: 'title' }, h('h1', { tabindex: -1 }, many), button(`${kind.open.verb}…`, () => openByName(kind))),
            kind.intro && h('p', { class: 'soft' }, kind.intro),
            status && statusChips(route, kind.pattern),
            filterForm(`Search ${many.toLowerCase()}`, kind.search(route), kind.filters?.(route),
                isFiltered(route) && h('a', { href: hashOf([page]), class: 'clear', key: 'clear' }, 'Clear'))),
        body: ({ route, data }) => [
            data.items.length > 0
                ? table(many, kind.columns(route, data), data.items, kind.keyOf)
                : nothing(kind, route, isFiltered(route)),
            pager(route, data),
        ],
    };
}

function nothing(kind, route, isFiltered) {
    if (route.params.cursor) { return empty('Nothing is left on this page. ', link(withParams(route, {}), 'Go to the first page')); }
    if (!isFiltered) { return empty(kind.nothing); }
    const { search } = route.params;
    const { fields, verb } = kind.open;
    return empty('Nothing matches. Upper and lower case differ. ',
        link(hashOf([patterns[kind.pattern].page]), 'Show all'),
        search && fields.length === 1 && [' or ', link(linkTo(kind.pattern, search), `${verb.toLowerCase()} by this exact name`)],
        '. ', kind.nothingMatches);
}

function pager(route, { items, next }) {
    const cursors = route.cursors;
    const here = route.params.cursor ?? '';
    if (!here && !next) { return h('p', { class: 'pager', key: 'pager' }, items.length > 0 && `${items.length} in all`); }

    const forth = () => go(hashOf(route.path, { ...route.params, cursor: next }), { cursors: [...cursors, here] });
    const back = () => go(hashOf(route.path, { ...route.params, cursor: cursors.at(-1) }), { cursors: cursors.slice(0, -1) });
    // A link to a later page that somebody sent brings no way back but to the first.
    const page = here && cursors.length === 0 ? 'A later page' : `Page ${cursors.length + 1}`;
    return h('nav', { class: 'pager', 'aria-label': 'Pages of the list', key: 'pager' },
        h('button', { type: 'button', onclick: back, disabled: !here, key: 'back' }, 'Previous'),
        h('span', { class: 'soft' }, page),
        h('button', { type: 'button', onclick: forth, disabled: !next, key: 'forth' }, 'Next'));
}

function openByName({ pattern, open }) {
    ask({ ...open, then: values => go(hashOf([patterns[pattern].page, ...open.fields.map(field => values[field.name])])) });
}
