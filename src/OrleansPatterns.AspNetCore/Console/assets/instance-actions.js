// The word of an operator about an instance, which beats its own, its lease and its health check.

import { act } from './api.js';
import { ask } from './dialog.js';
import { button } from './parts.js';
import { meaningOf, words } from './statuses.js';

const choices = ['Draining', 'Down', 'Up', 'Warning'];

export function instanceActions({ route, adopt }, { id, override }) {
    const service = route.path[1];
    return button('Set status', () => ask({
        title: 'Set status of instance', verb: 'Set status', isDangerous: true, target: id, done: 'The status is set.', then: adopt,
        says: [
            'Your word beats that of the instance, of its lease and of its health check.',
            'It holds until it is taken back or the instance leaves the list.',
        ],
        fields: [{
            name: 'status', label: 'Status', kind: 'choice', value: override?.status ?? 'Draining',
            options: choices.map(value => ({ value, label: words(value), hint: meaningOf('instance', value) })),
        }],
        send: ({ status, reason }) => act('api/service/override', { service, instance: id, status, reason }),
    }), { label: `Set status of ${id}` });
}

export function releaseAction({ route, adopt }, { id }) {
    const service = route.path[1];
    return button('Take back', () => ask({
        title: 'Take back status of instance', verb: 'Take back', target: id, done: 'The operator’s word is taken back.', then: adopt,
        says: ['The instance’s own word holds again, with its lease and its health check.'],
        send: ({ reason }) => act('api/service/release', { service, instance: id, reason }),
    }), { label: `Take back status of ${id}` });
}
