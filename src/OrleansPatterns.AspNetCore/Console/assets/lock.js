// One lock: who holds it, who waits, and how to take it from a holder.

import { act, addressOf } from './api.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { badge, button, callout, empty, facts, itemHead, keyText, number, section, table } from './parts.js';
import { words } from './statuses.js';
import { before, clock, duration, lasting, until } from './time.js';

const nameOf = route => route.path[1];
const statusOf = ({ isHeld, waiterCount }) => (!isHeld ? 'Free' : waiterCount > 0 ? 'Contended' : 'Held');

const kinds = { Write: 'alone', Read: 'as a reader', UpgradeableRead: 'as a reader that may become the writer', Permit: 'one permit' };

export const lockPage = {
    page: 'locks',
    title: route => `Lock ${nameOf(route)}`,
    isLive: () => true,
    address: route => addressOf('api/lock', { name: nameOf(route) }),
    missing: 'There is no lock of this name.',
    head: ({ route, data }) => itemHead({
        list: '#/locks', listName: 'Locks', key: nameOf(route),
        badges: data && badge('lock', statusOf(data)),
        extra: data?.permits > 0 && ` semaphore, ${number(data.holders.length)} of ${number(data.permits)} permits taken`,
    }),
    body: app => [
        app.data.recoversInSeconds > 0 && callout('warn', 'Recovering:',
            'A silo crashed, and there may be holders that have not been heard of yet. The lock is granted to nobody new; that ends ',
            until(before(app.data, -app.data.recoversInSeconds)), '.'),
        holders(app),
        queue(app.data),
        facts(['Latest fencing token', app.data.fencingToken]),
    ],
};

function holders(app) {
    const { data } = app;
    if (data.holders.length === 0) { return section('Held by', empty('Nobody holds it.')); }
    const isAlone = data.holders.length === 1;
    const columns = [
        { head: 'Holder', kind: 'wide', cell: ({ owner }) => keyText(owner) },
        { head: 'How', cell: ({ mode }) => kinds[mode] ?? words(mode) },
        { head: 'Token', kind: 'narrow number', cell: ({ fencingToken }) => fencingToken },
        { head: 'Held for', kind: 'narrow', cell: ({ heldForSeconds }) => lasting(before(data, heldForSeconds)) },
        // Renewed again and again, so it is not counted down here: it would reach zero for holders that are well.
        {
            head: 'Expires in', kind: 'narrow',
            cell: ({ expiresInSeconds: rest }) => h('span', { title: `At ${clock(data.asOf)}, unless it is renewed` }, duration(rest)),
        },
        {
            head: 'Actions', kind: 'narrow',
            cell: holder => button(isAlone ? 'Break lock' : 'Break', () => breakLock(app, holder),
                { danger: true, label: isAlone ? null : `Break hold of ${holder.owner}, token ${holder.fencingToken}` }),
        },
    ];
    return section('Held by', table('Holders', columns, data.holders, holder => holder.fencingToken),
        !isAlone && h('div', { class: 'actions', key: 'all' }, button('Break all holds', () => breakLock(app, null), { danger: true })));
}

function breakLock({ data, adopt }, holder) {
    const verb = data.holders.length === 1 ? 'Break lock' : holder ? 'Break hold' : 'Break all holds';
    const whose = holder ? [keyText(holder.owner), `, token ${holder.fencingToken}`] : [`all ${number(data.holders.length)} holders`];
    ask({
        title: verb, verb, isDangerous: true, target: data.name, done: 'The lock is broken.', then: adopt,
        says: [
            ['The lock is taken from ', ...whose, '; the next in the queue gets it at once.'],
            'A broken holder may be at work until it hears of it. Only fencing tokens protect the resource from it: '
                + 'if the resource does not check them, stop the holder first.',
        ],
        send: ({ reason }) => act('api/lock/break', { name: data.name, fencingToken: holder?.fencingToken ?? null, reason }),
    });
}

function queue(data) {
    if (data.waiterCount === 0) { return section('Queue', empty('Nobody waits.')); }
    const columns = [
        { head: 'Who', cell: ({ owner, place }) => [h('span', { class: 'soft number' }, `${place}. `), keyText(owner)] },
        { head: 'How', cell: ({ mode }) => kinds[mode] ?? words(mode) },
        { head: 'Waits for', kind: 'narrow', cell: ({ waitingForSeconds }) => lasting(before(data, waitingForSeconds)) },
    ];
    const waiters = data.waiters.map((waiter, index) => ({ ...waiter, place: index + 1 }));
    return section('Queue', table('Queue', columns, waiters, waiter => waiter.place, { isSlim: true }),
        data.waiterCount > waiters.length
            && h('p', { class: 'soft', key: 'more' }, `These are the first ${number(waiters.length)} of ${number(data.waiterCount)}.`));
}
