// One saga: why it stands where it stands, and what can be done about it.

import { addressOf } from './api.js';
import { h } from './dom.js';
import { indented } from './json-text.js';
import { badge, callout, copyButton, facts, itemHead, keyText, number, quoted, quotedBriefly, section, table } from './parts.js';
import { words } from './statuses.js';
import { sagaActions } from './saga-actions.js';
import { sagaSteps } from './saga-steps.js';
import { instantOf, lasting, stamp, took, until } from './time.js';

const idOf = route => route.path[1];

export const sagaPage = {
    page: 'sagas',
    title: route => `Saga ${idOf(route)}`,
    isLive: () => true,
    address: route => addressOf('api/saga', { id: idOf(route) }),
    missing: 'There is no saga with this id, or it ended so long ago that it was removed.',
    head: ({ route, data }) => itemHead({
        list: '#/sagas', listName: 'Sagas', key: idOf(route),
        badges: data && badge('saga', data.phase),
        extra: data && [' ', keyText(data.definition), ` version ${data.version}`],
    }),
    body: app => [stands(app.data), sagaActions(app), summary(app.data), sagaSteps(app.data), history(app.data), json(app.data)],
};

function stands({ phase, stuckReason, isAwaitingDefinition, definition, version, compensationReason, isCancelRequested }) {
    const needsSomebody = phase === 'Stuck' || phase === 'Parked';
    return [
        stuckReason && callout(needsSomebody ? 'bad' : 'idle', `${words(phase)}:`, quoted(stuckReason),
            isAwaitingDefinition && h('p', { key: 'awaits' }, 'It goes on by itself once a silo has ', keyText(definition), ` version ${version}.`)),
        compensationReason && callout('warn', 'It turned round:', quoted(compensationReason)),
        isCancelRequested && callout('warn', 'Cancelling was asked for.'),
    ];
}

function summary({ startedAt, endedAt, deadlineAt, revision, phase }) {
    return facts(
        ['Started', instantOf(startedAt)],
        [endedAt ? 'Ended' : 'Age', endedAt ? instantOf(endedAt) : lasting(startedAt)],
        ['Took', endedAt && took(Date.parse(endedAt) - Date.parse(startedAt))],
        ['Deadline', deadlineAt && !endedAt && (phase === 'Running' ? instantOf(deadlineAt, until) : instantOf(deadlineAt))],
        ['Revision', revision]);
}

function history({ history: entries, historyDropped }) {
    const columns = [
        { head: 'At', kind: 'narrow number', cell: ({ at }) => h('time', { datetime: at, title: at }, stamp(at)) },
        {
            head: 'Event', kind: 'narrow', cell: ({ event, isCompensation, begunAt }) => [
                badge('event', event),
                begunAt && isCompensation && h('small', { key: 'undo' }, 'compensation'),
            ],
        },
        {
            head: 'Step', kind: 'medium', cell: ({ step, attempt }) => step && [
                keyText(step), attempt > 0 && h('small', { key: 'attempt' }, `attempt ${attempt}`),
            ],
        },
        { head: 'Took', kind: 'narrow number', cell: ({ begunAt, at }) => begunAt && took(Date.parse(at) - Date.parse(begunAt)) },
        { head: 'Detail', kind: 'wide', cell: ({ detail, by }) => [quotedBriefly(detail), by && h('small', { key: 'by' }, 'by ', keyText(by))] },
        { head: 'Silo', kind: 'silo', cell: ({ silo }) => silo && keyText(silo) },
    ];
    // Newest first, as it is what one looks for. Entries have no id; counted from the beginning, each keeps its place while others come.
    const newestFirst = entries.map((entry, index) => ({ ...entry, place: historyDropped + index })).reverse();
    return section('History', table('History', columns, newestFirst, entry => entry.place),
        historyDropped > 0 && h('p', { class: 'soft', key: 'dropped' }, `${number(historyDropped)} older entries are no longer kept.`));
}

function json({ data }) {
    if (data === null) { return section('Data', h('p', { class: 'soft', key: 'large' }, 'The data is too large to show here.')); }
    const text = indented(data);
    return section('Data', h('div', { class: 'code', key: 'data' }, copyButton(data, 'Copy the data'),
        h('pre', { tabindex: 0, role: 'region', 'aria-label': 'Data as JSON', dir: 'ltr' }, text)));
}
