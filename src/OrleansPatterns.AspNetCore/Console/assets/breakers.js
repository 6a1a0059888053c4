// The list of circuit breakers.

import { textFilter } from './filters.js';
import { listPage } from './list.js';
import { h } from './dom.js';
import { badge, keyText, link, quoted } from './parts.js';
import { linkTo } from './pattern-links.js';
import { lasting } from './time.js';

export const breakersPage = listPage({
    pattern: 'breaker',
    api: 'api/breakers',
    open: { title: 'Open a circuit breaker', verb: 'Open breaker', fields: [{ name: 'name', label: 'Name of the breaker' }] },
    nothing: 'No breaker is listed. One appears here once a process uses it; others can be opened by name.',
    search: route => textFilter(route, { name: 'search', label: 'Part of the name', isSearch: true }),
    keyOf: breaker => breaker.name,
    columns: () => [
        { head: 'Breaker', kind: 'wide', cell: ({ name }) => link(linkTo('breaker', name), keyText(name)) },
        { head: 'State', kind: 'narrow', cell: ({ status }) => badge('breaker', status) },
        {
            head: 'Why', kind: 'wide clamped', cell: ({ reason, author }) => [
                quoted(reason), author && h('small', { key: 'author' }, 'by ', keyText(author)),
            ],
        },
        { head: 'For', kind: 'narrow', cell: ({ since, updatedAt }) => lasting(since ?? updatedAt) },
    ],
});
