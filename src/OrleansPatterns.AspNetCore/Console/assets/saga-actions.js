// What an operator may try with a saga in its phase; the server decides in the end.

import { act } from './api.js';
import { ask } from './dialog.js';
import { actionGroup, button } from './parts.js';

const deeds = {
    retry: {
        name: 'Retry', verb: 'Retry saga', path: 'api/saga/retry', done: 'The saga goes on.',
        says: ['The saga goes on where it stopped, in the same direction, with all its attempts anew.'],
    },
    skip: {
        name: 'Skip step', verb: 'Skip step', path: 'api/saga/skip', done: 'The step is passed over.',
        says: [
            'Skip a step when somebody has seen to it otherwise.',
            'On the way forward the step then counts as not to be done and not to be undone; on the way back, its compensation does.',
        ],
    },
    compensate: {
        name: 'Compensate', verb: 'Compensate saga', path: 'api/saga/compensate', done: 'The saga is being undone.', isDangerous: true,
        says: [
            'What was done, or may have been, is undone, the last step first.',
            'If nobody knows whether the step of no return has happened, you say with this that it has not.',
        ],
    },
    giveUp: {
        name: 'Give up', verb: 'Give up saga', path: 'api/saga/give-up', done: 'The saga is given up.', isDangerous: true,
        says: ['The saga ends as it is. What was done, or may have been, stands, and nothing of it is undone. This is final.'],
    },
    cancel: {
        name: 'Cancel saga', verb: 'Cancel saga', dismiss: 'Let it go on', path: 'api/saga/cancel', done: 'Cancelling is asked for.',
        isDangerous: true,
        says: [
            'The saga turns round as soon as it can, and what was done is undone, the last step first.',
            'Once past its step of no return it goes on forward.',
        ],
    },
};

// Steps that nothing is left to do of are not offered.
const over = new Set(['Pending', 'Succeeded', 'Rejected', 'Skipped', 'Compensated', 'CompensationSkipped']);

export function sagaActions(app) {
    const known = (app.data.actions ?? []).filter(action => deeds[action]);
    if (known.length === 0) { return null; }
    return actionGroup(known.map(action => button(deeds[action].name, () => begin(app, action), { danger: deeds[action].isDangerous })));
}

function begin(app, action) {
    const { id, steps } = app.data;
    const deed = deeds[action];
    ask({
        ...deed, title: deed.verb, target: id, then: app.adopt,
        fields: action === 'skip' ? [stepField(steps)] : [],
        send: ({ step, reason }) => act(deed.path, action === 'skip' ? { id, step, reason } : { id, reason }),
    });
}

function stepField(steps) {
    const open = steps.filter(step => !over.has(step.state));
    const offered = open.length > 0 ? open : steps;
    const options = offered.map(({ name }) => ({ value: name, label: name }));
    return { name: 'step', label: 'Step', kind: 'select', value: options[0]?.value, options };
}
