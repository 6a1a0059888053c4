// Where each pattern has its pages, and what its things are called.

import { hashOf } from './router.js';

export const patterns = {
    saga: { page: 'sagas', one: 'Saga', many: 'Sagas', status: 'phase' },
    breaker: { page: 'breakers', one: 'Breaker', many: 'Circuit breakers', status: 'status' },
    service: { page: 'services', one: 'Service', many: 'Services', status: 'status' },
    lock: { page: 'locks', one: 'Lock', many: 'Locks', status: 'status' },
    idempotency: { page: 'idempotency', one: 'Key', many: 'Idempotency keys', status: null },
};

export const linkTo = (pattern, key) => hashOf([patterns[pattern].page, ...(pattern === 'idempotency' ? scopeAndKey(key) : [key])]);

export function linkToList(pattern, status) {
    const name = patterns[pattern].status;
    return hashOf([patterns[pattern].page], name && status ? { [name]: status } : {});
}

// Scope and key are joined by the first slash; in the scope a slash is written %2F and a per cent sign %25.
export function scopeAndKey(joined) {
    const slash = joined.indexOf('/');
    return slash < 0
        ? ['default', joined]
        : [joined.slice(0, slash).replaceAll('%2F', '/').replaceAll('%25', '%'), joined.slice(slash + 1)];
}
