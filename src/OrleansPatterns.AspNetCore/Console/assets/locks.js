// The list of locks.

import { textFilter } from './filters.js';
import { listPage } from './list.js';
import { badge, keyText, link, number } from './parts.js';
import { linkTo } from './pattern-links.js';
import { ago, before, lasting } from './time.js';

const briefly = 'Locks that are held only briefly are not listed; any lock can be opened by its exact name.';

export const locksPage = listPage({
    pattern: 'lock',
    api: 'api/locks',
    open: { title: 'Open a lock', verb: 'Open lock', fields: [{ name: 'name', label: 'Name of the lock' }] },
    nothing: `No lock is held for long. ${briefly}`,
    nothingMatches: briefly,
    search: route => textFilter(route, { name: 'search', label: 'Part of the name', isSearch: true }),
    keyOf: lock => lock.name,
    columns: (route, data) => [
        { head: 'Lock', kind: 'wide', cell: ({ name }) => link(linkTo('lock', name), keyText(name)) },
        { head: 'Status', kind: 'narrow', cell: ({ status }) => badge('lock', status) },
        { head: 'Held by', kind: 'wide', cell: ({ owner, holders }) => [owner && keyText(owner), holders > 1 && ` and ${number(holders - 1)} more`] },
        { head: 'Held for', kind: 'narrow', cell: ({ heldForSeconds }) => heldForSeconds !== null && lasting(before(data, heldForSeconds)) },
        { head: 'Waiting', kind: 'narrow number', cell: ({ waiters }) => number(waiters) },
        { head: 'Listed', kind: 'narrow', cell: ({ updatedAt }) => ago(updatedAt) },
    ],
});
