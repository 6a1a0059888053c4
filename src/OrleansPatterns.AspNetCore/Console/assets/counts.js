// The counts of the overview, for other pages: chips and the navigation show them. They are a help there and no more, so they are asked for
// seldom, and a page goes without if they cannot be had.

import { get } from './api.js';

const freshFor = 15_000;
let overview = null;
let heardAt = -Infinity;

export function hearOverview(data) {
    [overview, heardAt] = [data, performance.now()];
}

/** Whether there is something new. */
export async function refreshCounts() {
    if (performance.now() - heardAt < freshFor || document.hidden) { return false; }
    heardAt = performance.now();
    try {
        hearOverview(await get('api/overview'));
        return true;
    } catch {
        return false;
    }
}

export function countOf(pattern, status) {
    return overview?.patterns[pattern]?.counts[status] ?? null;
}

/** Counting stops at a limit: "100,000+". */
export function countText(count) {
    if (count === null) { return ''; }
    return count.toLocaleString('en') + (overview?.countLimit && count >= overview.countLimit ? '+' : '');
}
