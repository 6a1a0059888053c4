// The management API: one complete JSON per address, problem details where it cannot be had. Addresses are relative to the page, which may sit
// behind a path base.

const patience = 30_000;
let session = null;

export class Problem extends Error {
    constructor({ status = 0, type = '', title = '', detail = '', errors = null }) {
        super(detail || title);
        Object.assign(this, { status, type, title, detail, errors });
    }

    /** Whether an action that ended so may have been done all the same. */
    get isUnknown() { return this.status === 0 || this.status >= 500; }
}

export function addressOf(path, params = {}) {
    const given = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const query = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value).toWellFormed?.() ?? value)}`).join('&');
    return query ? `${path}?${query}` : path;
}

export const get = (address, signal) => send(address, { signal });

export async function openSession() {
    session = await get('api/session');
    return session;
}

export async function act(path, body) {
    if (!session) { await openSession(); }
    try {
        return await post(path, body);
    } catch (problem) {
        if (!problem.type?.endsWith('/antiforgery')) { throw problem; }
        // The token is bound to who was signed in when it was made, and that may have changed since.
        await openSession();
        return post(path, body);
    }
}

function post(path, body) {
    const headers = { 'Content-Type': 'application/json', [session.headerName]: session.token };
    return send(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function send(address, { headers, signal, ...request }) {
    const limit = AbortSignal.timeout(patience);
    let response, text;
    try {
        response = await fetch(address, {
            ...request,
            // With X-Requested-With, ASP.NET Core's cookie sign-in answers 401 rather than with its sign-in page.
            headers: { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest', ...headers },
            credentials: 'same-origin', cache: 'no-store', redirect: 'manual',
            signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
        text = await response.text();
    } catch (error) {
        if (signal?.aborted) { throw error; }
        throw limit.aborted
            ? new Problem({ title: 'No answer', detail: `The server did not answer within ${patience / 1000} seconds.` })
            : new Problem({ title: 'The server cannot be reached', detail: 'The network or the server is away.' });
    }

    return understand(response, text);
}

function understand(response, text) {
    let body = null;
    try { body = JSON.parse(text); } catch { /* Not from the API: a sign-in page, or a proxy's error page. */ }

    const isSignIn = response.type === 'opaqueredirect' || (response.ok && body === null);
    if (isSignIn) { throw new Problem({ status: 401, title: 'Sign in' }); }
    if (response.ok) { return body; }
    throw new Problem({ title: response.statusText || `The server answered ${response.status}`, ...body, status: response.status });
}

/** What a problem means to the operator, as sentences. */
export function explain(problem) {
    const known = {
        401: 'You have to sign in. Do so in this browser, in another tab if you like; this page goes on by itself.',
        403: 'You are signed in, but lack the right to this. Whoever runs the cluster can give it to you.',
    }[problem.status];
    const faults = Object.values(problem.errors ?? {}).flat().filter(fault => fault !== problem.detail);
    return [known, problem.detail || (known ? '' : problem.title), ...faults].filter(Boolean).join(' ');
}
