// Has the data of an address once; for what is not watched.

import { get } from './api.js';

/** As `watch`, but once. Its state is 'once' in the end. */
export function load(address, hear) {
    const asking = new AbortController();
    get(address, asking.signal).then(
        data => { hear.state('once'); hear.data(data); },
        problem => { if (!asking.signal.aborted) { hear.state('once'); hear.problem(problem); } });
    return () => asking.abort();
}
