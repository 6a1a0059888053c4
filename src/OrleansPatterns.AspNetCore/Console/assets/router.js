// Where one is stands in the hash: it can be shared, opened in another tab and gone back to, and the server needs no routes for it.

let entered = () => {};
let visit = null;
let visits = 0;
const scrolls = new Map();

const encode = text => encodeURIComponent(text.toWellFormed?.() ?? text);

export function hashOf(path, params = {}) {
    const given = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const query = new URLSearchParams(given).toString();
    return `#/${path.map(encode).join('/')}${query ? `?${query}` : ''}`;
}

export function routeOf(hash) {
    const text = hash.replace(/^#\/?/, '');
    const mark = text.indexOf('?');
    const [path, query] = mark < 0 ? [text, ''] : [text.slice(0, mark), text.slice(mark + 1)];
    try {
        const parts = path.split('/').filter(part => part !== '').map(decodeURIComponent);
        return { hash, path: parts, params: Object.fromEntries(new URLSearchParams(query)) };
    } catch {
        return { hash, path: ['?'], params: {} }; // A link that was cut in the middle of an escape.
    }
}

/** Goes to a hash. `cursors` are those of the pages of a list before it. */
export function go(hash, { replace = false, cursors = [] } = {}) {
    if (replace) { history.replaceState({ visit, cursors }, '', hash); } else { history.pushState({ cursors }, '', hash); }
    arrive();
}

export function startRouting(enter) {
    entered = enter;
    history.scrollRestoration = 'manual'; // The browser would restore the position before there is anything to scroll.
    addEventListener('popstate', arrive);
    arrive();
}

function arrive() {
    if (visit !== null) { scrolls.set(visit, scrollY); }
    const known = history.state?.visit;
    visit = known ?? `${performance.timeOrigin}-${++visits}`;
    if (!known) { history.replaceState({ ...history.state, visit }, ''); }
    entered({ ...routeOf(location.hash), cursors: history.state.cursors ?? [], scroll: scrolls.get(visit) ?? 0 });
}
