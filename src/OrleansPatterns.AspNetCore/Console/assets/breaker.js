// One circuit breaker: what it does with calls, what it counts, and the word of an operator that stands above it.

import { act, addressOf } from './api.js';
import { breakerWindow } from './breaker-window.js';
import { ask } from './dialog.js';
import { h } from './dom.js';
import { actionGroup, badge, button, callout, empty, facts, itemHead, keyList, keyText, number, percent, quoted, section, table } from './parts.js';
import { meaningOf, toneOf, words } from './statuses.js';
import { before, duration, stamp, until } from './time.js';

const nameOf = route => route.path[1];
const byHand = ['Isolated', 'ForcedClosed', 'MetricsOnly', 'Disabled'];
const isByHand = state => byHand.includes(state);

export const breakerPage = {
    page: 'breakers',
    title: route => `Breaker ${nameOf(route)}`,
    isLive: () => true,
    address: route => addressOf('api/breaker', { name: nameOf(route) }),
    missing: 'There is no breaker of this name.',
    head: ({ route, data }) => itemHead({
        list: '#/breakers', listName: 'Circuit breakers', key: nameOf(route),
        badges: data && badge('breaker', data.state), extra: data && [' ', meaningOf('breaker', data.state)],
    }),
    body: app => [why(app.data), actions(app), breakerWindow(app.data), settings(app.data), history(app.data)],
};

function why({ asOf, state, reason, openForSeconds, override }) {
    if (state === 'Closed' && !reason) { return null; }
    const end = openForSeconds > 0 && [isByHand(state) ? 'It ends ' : 'The break is over ', until(before({ asOf }, -openForSeconds)), '.'];
    const endless = !end && isByHand(state) && 'Until it is closed by hand.';
    const author = override?.author && ['By ', keyText(override.author), '. '];
    return callout(toneOf('breaker', state), `${words(state)}:`, quoted(override?.reason ?? reason),
        (author || end || endless) && h('p', { key: 'end' }, author, end, endless));
}

function actions({ data, adopt }) {
    const { name, state } = data;
    const hold = () => ask({
        title: 'Hold breaker', verb: 'Hold breaker', isDangerous: true, target: name, done: 'The breaker is held.', then: adopt,
        says: ['Your decision stands above what is counted, in the whole cluster, until it ends or the breaker is closed by hand.'],
        fields: [
            {
                name: 'state', label: 'State', kind: 'choice', value: 'Isolated',
                options: byHand.map(value => ({ value, label: words(value), hint: meaningOf('breaker', value) })),
            },
            {
                name: 'expires', label: 'Duration', kind: 'select', value: '3600', options: [
                    { value: '900', label: '15 minutes' }, { value: '3600', label: '1 hour' }, { value: '28800', label: '8 hours' },
                    { value: '86400', label: '24 hours' }, { value: '', label: 'until closed by hand' },
                ],
            },
        ],
        send: ({ expires, ...rest }) => act('api/breaker/hold', { name, ...rest, expiresAfterSeconds: expires ? Number(expires) : null }),
    });
    const close = () => ask({
        title: 'Close breaker', verb: 'Close breaker', target: name, done: 'The breaker is closed.', then: adopt,
        says: ['Calls pass again at once, in the whole cluster, and counting begins anew. It opens again if they fail.'],
        send: ({ reason }) => act('api/breaker/close', { name, reason }),
    });

    return actionGroup(button('Hold', hold, { danger: true }), state !== 'Closed' && button('Close', close));
}

function settings({ settings: by }) {
    return section('Settings', by === null
        ? empty('Not known here: no process that uses the breaker has reported since it was loaded.')
        : facts(
            ['Opens at', `${percent(by.failureRatio)} failures`],
            ['of at least', `${number(by.minimumThroughput)} calls`],
            ['within', duration(by.samplingDurationSeconds)],
            ['Stays open for', duration(by.breakDurationSeconds)]));
}

function history({ history: changes }) {
    if (changes.length === 0) { return section('History', empty('It has never changed.')); }
    const columns = [
        { head: 'At', kind: 'narrow number', cell: ({ at }) => h('time', { datetime: at, title: at }, stamp(at)) },
        { head: 'Change', kind: 'narrow', cell: ({ from, to }) => [h('span', { class: 'soft' }, `${words(from)} → `), badge('breaker', to)] },
        {
            head: 'Why', kind: 'wide', cell: ({ reason, onlyCallers }) => [
                quoted(reason),
                onlyCallers?.length > 0 && h('small', { key: 'only' }, 'only for ', keyList(onlyCallers)),
            ],
        },
        { head: 'By', cell: ({ author }) => (author ? keyText(author) : h('span', { class: 'soft' }, 'the breaker')) },
    ];
    return section('History', table('History', columns, [...changes].reverse(), change => change.version));
}
