// One idempotency key.

import { act, addressOf } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { actionGroup, badge, button, callout, facts, itemHead, keyText, number, quoted } from './parts.js';
import { meaningOf } from './statuses.js';
import { instantOf, until } from './time.js';

const scopeOf = route => route.path[1];
const keyOf = route => route.path[2] ?? '';

export const idempotencyKeyPage = {
    page: 'idempotency',
    title: route => `Key ${keyOf(route)}`,
    isLive: () => true,
    address: route => addressOf('api/idempotency-key', { scope: scopeOf(route), key: keyOf(route) }),
    missing: 'There is no such key.',
    head: ({ route, data }) => itemHead({
        list: '#/idempotency', listName: 'Idempotency keys', key: keyOf(route),
        badges: [data && badge('idempotency', data.phase), ' in scope ', keyText(scopeOf(route))],
    }),
    body: app => [stands(app.data), actions(app), summary(app.data)],
};

function stands({ phase }) {
    if (phase !== 'Parked') { return h('p', { key: 'meaning' }, meaningOf('idempotency', phase)); }
    return callout('bad', 'Parked:', meaningOf('idempotency', phase),
        h('p', { key: 'free' }, 'If it took no effect, free the key: the next caller runs the work.'),
        h('p', { key: 'complete' },
            'If it did, give the key its result from code, with ',
            h('code', null, 'IIdempotencyOperations.CompleteAsync'), ': every caller gets it.'));
}

function actions({ data, adopt }) {
    const { phase, scope, key, executionToken } = data;
    if (phase !== 'Parked') { return null; }
    const free = () => ask({
        title: 'Free key', verb: 'Free key', isDangerous: true, target: key, done: 'The key is free.', then: adopt,
        says: [
            'Free a key only after you have found out that the work took no effect.',
            'The next caller runs the work. If it did take effect after all, it happens twice.',
        ],
        send: ({ reason }) => act('api/idempotency-key/free', { scope, key, executionToken, reason }),
    });
    return actionGroup(button('Free key', free, { danger: true }));
}

function summary({ phase, executionToken, expiresAt, completedAt, resultBytes, failure }) {
    return facts(
        ['Failure', quoted(failure)],
        ['Completed', instantOf(completedAt)],
        ['Result', phase === 'Completed' && `${number(resultBytes)} bytes`],
        [phase === 'Sealed' ? 'Seal ends' : 'Kept until', instantOf(expiresAt, until)],
        ['Latest execution', executionToken || 'none']);
}
