// What a breaker has counted lately, by caller. Slow calls are some of the others, so they have a bar of their own below.

import { h } from './dom.js';
import { badge, empty, keyText, number, percent, section, table } from './parts.js';
import { duration } from './time.js';

export function breakerWindow({ successes, failures, slowCalls, callers, failureRatio, settings, byCaller }) {
    const within = settings ? `the last ${duration(settings.samplingDurationSeconds)}` : 'the window';
    if (successes + failures === 0 && byCaller.length === 0) { return section('Calls', empty(`No calls were reported within ${within}.`)); }

    const all = { caller: null, state: null, successes, failures, slowCalls };
    const most = Math.max(1, ...byCaller.map(totalOf));
    const columns = [
        { head: 'Caller', kind: 'wide', cell: ({ caller }) => (caller === null ? `All ${number(callers)} callers` : keyText(caller)) },
        byCaller.some(isCutOff) && { head: 'Cut off', kind: 'narrow', cell: counts => isCutOff(counts) && badge('breaker', counts.state) },
        {
            head: 'Calls', kind: 'chart',
            cell: counts => (counts.caller === null ? chart(counts, totalOf(counts), settings) : chart(counts, most, null)),
        },
        { head: 'Succeeded', kind: 'narrow number', swatch: 'of-successes', cell: counts => number(counts.successes) },
        {
            head: 'Failed', kind: 'narrow number', swatch: 'of-failures',
            cell: counts => [number(counts.failures), ' ', h('small', null, percent(counts.failures / Math.max(1, totalOf(counts))))],
        },
        { head: 'Slow', kind: 'narrow number', swatch: 'of-slow', cell: counts => number(counts.slowCalls) },
    ].filter(Boolean);

    const isJudged = settings && successes + failures >= settings.minimumThroughput;
    return section('Calls',
        h('p', { class: 'soft', key: 'sum' }, `${percent(failureRatio)} of ${number(successes + failures)} calls failed within ${within}`,
            settings && isJudged && `; it opens at ${percent(settings.failureRatio)}.`,
            settings && !isJudged && `; too few to judge, which takes ${number(settings.minimumThroughput)}.`),
        table('Calls by caller', columns, [all, ...byCaller], counts => (counts.caller === null ? 'all' : `by ${counts.caller}`)));
}

const isCutOff = ({ state }) => state !== null && state !== 'Closed';
const totalOf = ({ successes, failures }) => successes + failures;

// The numbers stand beside it, so the drawing itself has nothing to tell to those who do not see it.
function chart(counts, most, settings) {
    const total = totalOf(counts);
    const limit = settings && `${settings.failureRatio * 100}%`;
    const share = count => `${((count / Math.max(1, most)) * 100).toFixed(2)}%`;
    const rect = (kind, x, y, count, height) => count > 0
        && h('rect', { class: kind, key: kind, x: share(x), y, width: share(count), height });
    return h('svg', { class: 'calls', 'aria-hidden': 'true', height: 18 },
        rect('failures', 0, 1, counts.failures, 10),
        rect('successes', counts.failures, 1, counts.successes, 10),
        rect('slow', 0, 13, counts.slowCalls, 4),
        settings && total > 0 && h('line', { class: 'threshold', key: 'threshold', x1: limit, x2: limit, y1: 0, y2: 12 }));
}
