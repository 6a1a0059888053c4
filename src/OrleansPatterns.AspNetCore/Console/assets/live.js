// Keeps the data of one address up to date while the page can be seen. EventSource would reconnect by itself, but does not say why it cannot, and
// browsers differ in when they give up: so each time it breaks off, the data is asked for once, which brings either data or a reason.

import { Problem, get } from './api.js';

const longestPause = 30_000;
const longestSilence = 5_000;

/** `hear` has data(data), problem(problem) and state('connecting' | 'live' | 'reconnecting'). Returns what ends the watch. */
export function watch(address, hear) {
    let source = null;
    let timer = 0;
    let failures = 0;
    let asking = null;

    const close = () => {
        source?.close();
        asking?.abort();
        clearTimeout(timer);
        source = asking = null;
    };

    const open = () => {
        close();
        source = new EventSource(address);
        source.onmessage = event => {
            failures = 0;
            clearTimeout(timer);
            hear.state('live');
            hear.data(JSON.parse(event.data));
        };
        source.addEventListener('problem', event => {
            clearTimeout(timer);
            hear.state('live');
            hear.problem(new Problem(JSON.parse(event.data)));
        });
        source.onerror = ask;
        // A proxy that collects answers before it passes them on makes a stream useless; asking again and again still works.
        timer = setTimeout(ask, longestSilence);
    };

    const ask = async () => {
        close();
        hear.state('reconnecting');
        const question = asking = new AbortController();
        const [data, problem] = await get(address, question.signal).then(answer => [answer, null], fault => [null, fault]);
        if (question.signal.aborted) { return; }
        if (problem) { hear.problem(problem); } else { hear.data(data); }
        timer = setTimeout(open, Math.min(longestPause, 1000 * 2 ** failures++));
    };

    const look = () => {
        if (document.hidden) { close(); } else { hear.state('connecting'); open(); }
    };
    const retry = () => { if (!document.hidden) { open(); } };

    document.addEventListener('visibilitychange', look);
    addEventListener('online', retry);
    if (!document.hidden) { open(); }

    return () => {
        document.removeEventListener('visibilitychange', look);
        removeEventListener('online', retry);
        close();
    };
}
