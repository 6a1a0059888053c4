// Whoever aims at a row must hit that row. In a list that moves it would be another by the time the button is down, so new data waits until the
// pointer has rested.

const restsAfter = 1_000;
let aimedAt = -Infinity;
let timer = 0;

export function startSteadying() {
    const aim = event => { if (event.target.closest?.('tbody')) { aimedAt = performance.now(); } };
    // Up as well: the click comes right after it.
    for (const name of ['pointermove', 'pointerdown', 'pointerup']) { document.addEventListener(name, aim, { passive: true }); }
}

/** Draws at once, or when nobody aims at a row any more, unless there is something newer by then. Returns whether it waits. */
export function whenSteady(draw) {
    dropWaiting();
    const rest = aimedAt + restsAfter - performance.now();
    if (rest > 0) { timer = setTimeout(() => whenSteady(draw), rest); } else { draw(); }
    return rest > 0;
}

export const dropWaiting = () => clearTimeout(timer);

/** What was aimed at is no longer there. */
export function forgetAim() {
    aimedAt = -Infinity;
    dropWaiting();
}
