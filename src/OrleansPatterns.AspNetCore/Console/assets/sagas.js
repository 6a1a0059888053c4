// The list of sagas.

import { h } from './dom.js';
import { choiceFilter, textFilter, withParams } from './filters.js';
import { listPage } from './list.js';
import { badge, keyText, link, quoted } from './parts.js';
import { linkTo } from './pattern-links.js';
import { ago, lasting } from './time.js';

const ages = [['', 'any age'], ['300', '5 minutes'], ['3600', '1 hour'], ['86400', '1 day'], ['604800', '7 days'], ['2592000', '30 days']];

export const sagasPage = listPage({
    pattern: 'saga',
    api: 'api/sagas',
    open: { title: 'Open a saga', verb: 'Open saga', fields: [{ name: 'id', label: 'Saga id' }] },
    nothing: 'There are no sagas. One appears here once it is started.',
    search: route => textFilter(route, { name: 'search', label: 'Part of the id', isSearch: true }),
    filters: route => {
        const more = ['definition', 'step', 'attribute', 'minAgeSeconds'];
        return h('details', { class: 'more', open: more.some(name => route.params[name]), key: 'more' },
            h('summary', null, 'More filters'),
            h('div', { class: 'filters' },
                textFilter(route, { name: 'definition', label: 'Definition' }),
                textFilter(route, { name: 'step', label: 'At step' }),
                textFilter(route, { name: 'attribute', label: 'Attribute', hint: 'name:value' }),
                choiceFilter(route, { name: 'minAgeSeconds', label: 'Older than', options: ages })));
    },
    keyOf: saga => saga.id,
    columns: route => [
        {
            head: 'Saga', kind: 'wide', cell: saga => [
                link(linkTo('saga', saga.id), keyText(saga.id)),
                h('span', { class: 'tags' },
                    h('small', null, keyText(saga.definition), saga.version > 1 && ` v${saga.version}`),
                    Object.entries(saga.attributes ?? {}).map(attribute => tagOf(attribute, route))),
            ],
        },
        { head: 'Phase', kind: 'narrow', cell: saga => badge('saga', saga.phase) },
        {
            head: 'At', kind: 'wide clamped', cell: saga => [
                (saga.steps ?? []).map((step, index) => [index > 0 && ', ', keyText(step)]),
                saga.reason && h('small', { key: 'reason' }, quoted(saga.reason)),
            ],
        },
        { head: 'Age', kind: 'narrow', cell: saga => lasting(saga.startedAt) },
        { head: 'Changed', kind: 'narrow', cell: saga => ago(saga.updatedAt) },
    ],
});

function tagOf([name, value], route) {
    const href = withParams(route, { attribute: `${name}:${value}` });
    return h('a', { class: 'tag', key: name, href, title: 'Show only sagas with this attribute' }, h('bdi', null, name), ': ', h('bdi', null, value));
}
