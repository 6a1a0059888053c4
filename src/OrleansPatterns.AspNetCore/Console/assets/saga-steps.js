// The steps of a saga, each with its attempts on one line of time. The history below says the same as a table.

import { h } from './dom.js';
import { badge, empty, keyText, quotedBriefly, section } from './parts.js';
import { toneOf } from './statuses.js';
import { clock, duration, stamp, took, until } from './time.js';
import { shortened } from './timeline.js';

export function sagaSteps({ steps, history }) {
    if (steps.length === 0) { return section('Steps', empty('Not known without the definition.')); }
    const attempts = history.filter(entry => entry.begunAt && entry.step)
        .map(entry => ({ ...entry, begin: Date.parse(entry.begunAt), end: Date.parse(entry.at) }));
    const line = shortened(attempts);
    const stepOf = step => h('li', { key: step.name, class: `step tone-${toneOf('step', step.state)}` },
        h('span', { class: 'mark' }),
        h('div', { class: 'step-text' },
            h('div', { class: 'step-title' }, keyText(step.name), ' ', badge('step', step.state), ' ', h('small', null, effort(step))),
            step.lastError && h('div', { class: 'step-error', key: 'error' }, quotedBriefly(step.lastError))),
        line && h('div', { class: 'track', 'aria-hidden': 'true' },
            line.gaps.map((gap, index) => h('span', { class: 'gap', key: `gap ${index}`, lengths: { '--from': gap.from, '--for': gap.width } })),
            attempts.filter(attempt => attempt.step === step.name).map((attempt, index) => bar(attempt, index, line))));

    return section('Steps',
        line && h('div', { class: 'axis', 'aria-hidden': 'true', key: 'axis' }, axis(line)),
        h('ol', { class: line ? 'steps with-tracks' : 'steps', key: 'steps' }, steps.map(stepOf)));
}

function effort({ attempts, compensationAttempts, dueAt, state }) {
    const count = (number, word) => (number > 0 ? `${number} ${word}${number === 1 ? '' : 's'}` : null);
    const said = [count(attempts, 'attempt'), count(compensationAttempts, 'compensation attempt')].filter(Boolean).join(', ');
    return [said, dueAt && [said && ', ', state === 'Waiting' ? 'due ' : 'next try ', until(dueAt)]];
}

function bar(attempt, index, line) {
    const from = line.at(attempt.begin);
    const failed = ['Failed', 'Lost', 'Interrupted', 'Rejected'].includes(attempt.event);
    const title = `${attempt.isCompensation ? 'Compensation' : 'Attempt'} ${attempt.attempt}: ${attempt.event}, `
        + `${took(attempt.end - attempt.begin)}, ${clock(attempt.begin)} to ${clock(attempt.end)}`;
    return h('span', {
        class: `bar ${attempt.isCompensation ? 'backward' : 'forward'} ${failed ? 'failed' : ''}`, key: `bar ${index}`, title,
        lengths: { '--from': share(from), '--for': share(line.at(attempt.end) - from) },
    });
}

const share = part => `${(part * 100).toFixed(3)}%`;

function axis(line) {
    const longest = Math.max(0, ...line.gaps.map(gap => gap.milliseconds));
    return [
        h('span', { class: 'legend' },
            h('span', { class: 'bar forward' }), ' forward ', h('span', { class: 'bar backward' }), ' compensation ',
            h('span', { class: 'bar forward failed' }), ' failed ',
            longest > 0 && [h('span', { class: 'gap' }), ` wait of up to ${duration(longest / 1000)}, shortened`]),
        h('span', { class: 'ends' }, h('span', null, stamp(line.begin)), h('span', null, clock(line.end))),
    ];
}
