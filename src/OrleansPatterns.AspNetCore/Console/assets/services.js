// The list of services.

import { h } from './dom.js';
import { textFilter } from './filters.js';
import { listPage } from './list.js';
import { badge, keyText, link, number } from './parts.js';
import { linkTo } from './pattern-links.js';
import { ago } from './time.js';

export const servicesPage = listPage({
    pattern: 'service',
    api: 'api/services',
    open: { title: 'Open a service', verb: 'Open service', fields: [{ name: 'name', label: 'Name of the service' }] },
    nothing: 'No service is registered.',
    search: route => textFilter(route, { name: 'search', label: 'Part of the name', isSearch: true }),
    keyOf: service => service.name,
    columns: () => [
        { head: 'Service', kind: 'wide', cell: ({ name }) => link(linkTo('service', name), keyText(name)) },
        { head: 'Status', kind: 'narrow', cell: ({ status }) => badge('service', status) },
        {
            head: 'Available', kind: 'narrow number', cell: ({ available, instances }) => [
                h('b', null, number(available)), ` of ${number(instances)}`,
            ],
        },
        { head: 'Shards', kind: 'narrow number', cell: ({ shards }) => number(shards) },
        { head: 'Changed', kind: 'narrow', cell: ({ updatedAt }) => ago(updatedAt) },
    ],
});
