// The list of parked idempotency keys.

import { textFilter } from './filters.js';
import { listPage } from './list.js';
import { badge, keyText, link } from './parts.js';
import { hashOf } from './router.js';
import { lasting } from './time.js';

export const idempotencyPage = listPage({
    pattern: 'idempotency',
    api: 'api/idempotency-keys',
    intro: 'Only parked keys are listed: their executor was lost, and an operator has to decide. Any other key can be opened by its scope and key.',
    open: {
        title: 'Open an idempotency key', verb: 'Open key',
        fields: [{ name: 'scope', label: 'Scope', value: 'default', hint: '“default” where none was given.' }, { name: 'key', label: 'Key' }],
    },
    nothing: 'No key is parked. A key is parked when it is asked for after its executor was lost; until then nobody knows of it.',
    search: route => textFilter(route, { name: 'search', label: 'Part of scope or key', isSearch: true }),
    keyOf: ({ scope, key }) => JSON.stringify([scope, key]),
    columns: () => [
        { head: 'Key', kind: 'wide', cell: ({ scope, key }) => link(hashOf(['idempotency', scope, key]), keyText(key)) },
        { head: 'Scope', cell: ({ scope }) => keyText(scope) },
        { head: 'Status', kind: 'narrow', cell: ({ status }) => badge('idempotency', status) },
        { head: 'For', kind: 'narrow', cell: ({ updatedAt }) => lasting(updatedAt) },
    ],
});
