// What needs attention first; then how much there is of everything.

import { countText, hearOverview } from './counts.js';
import { h } from './dom.js';
import { badge, keyText, link, quoted, section, table } from './parts.js';
import { linkTo, linkToList, patterns, scopeAndKey } from './pattern-links.js';
import { statuses, toneOf, words } from './statuses.js';
import { lasting } from './time.js';

export const overviewPage = {
    page: 'overview',
    title: () => 'Overview',
    isLive: () => true,
    address: () => 'api/overview',
    head: () => h('header', { class: 'head', key: 'head' }, h('h1', { tabindex: -1 }, 'Overview')),
    body: ({ data }) => {
        hearOverview(data);
        const cards = Object.keys(patterns).map(pattern => card(pattern, data));
        return [attention(data), section('Everything', h('div', { class: 'cards', key: 'cards' }, cards))];
    },
};

function attention({ attention: items, attentionTruncated }) {
    if (items.length === 0) {
        return section('Needs attention', h('div', { class: 'calm', key: 'calm' },
            h('p', { class: 'tone-good' }, 'Nothing needs attention.'),
            h('p', { class: 'soft' }, 'Stuck and parked sagas, open breakers, services without an instance and parked keys would be listed here.')));
    }

    const columns = [
        { head: 'What', kind: 'wide', cell: what },
        { head: 'Status', cell: ({ pattern, status }) => badge(pattern, status), kind: 'narrow' },
        { head: 'Why', cell: ({ reason }) => quoted(reason), kind: 'wide clamped' },
        { head: 'For', cell: ({ since }) => lasting(since), kind: 'narrow' },
    ];
    return section('Needs attention',
        table('Needs attention', columns, items, ({ pattern, key }) => `${pattern} ${key}`),
        attentionTruncated && h('p', { class: 'soft', key: 'more' }, 'There is more: of each kind the latest are shown. The lists have them all.'));
}

function what({ pattern, key }) {
    const [scope, name] = pattern === 'idempotency' ? scopeAndKey(key) : [null, key];
    return [
        link(linkTo(pattern, key), keyText(name)),
        h('small', null, patterns[pattern].one, scope !== null && [' in scope ', keyText(scope)]),
    ];
}

function card(pattern, { patterns: all }) {
    const counts = all[pattern]?.counts ?? {};
    const order = Object.keys(statuses[pattern]);
    const found = Object.entries(counts).filter(([, count]) => count > 0)
        .sort(([left], [right]) => (order.indexOf(left) + 1 || 99) - (order.indexOf(right) + 1 || 99));

    const line = ([status, count]) => h('li', { key: status },
        h('a', { href: linkToList(pattern, status), class: `count-link tone-${toneOf(pattern, status)}` },
            h('span', { class: 'mark' }), h('span', null, words(status)), ' ', h('b', null, countText(count))));
    return h('div', { class: 'card', key: pattern },
        h('h3', null, link(linkToList(pattern), patterns[pattern].many)),
        found.length > 0
            ? h('ul', { key: 'counts' }, found.map(line))
            : h('p', { class: 'soft', key: 'none' }, pattern === 'idempotency' ? 'None is parked.' : 'None.'));
}
