// What the server's words mean: a tone (good, busy, warn, bad, idle) that colour and shape show, and a sentence for those who ask.

const saga = {
    Running: ['busy', 'Steps are being done.'],
    Compensating: ['warn', 'Steps are being undone.'],
    Stuck: ['bad', 'A step that may no longer be undone, or an undoing, has failed for the last time.'],
    Parked: ['bad', 'Stopped so that it does no harm.'],
    Completed: ['good', 'All steps are done.'],
    Compensated: ['idle', 'What was done, or may have been, is undone.'],
    GivenUp: ['idle', 'An operator has given it up; what was done stands.'],
};

const breaker = {
    Closed: ['good', 'Calls pass, and their outcomes are counted.'],
    Open: ['bad', 'Calls are refused in every process until the break is over.'],
    HalfOpen: ['warn', 'The break is over: a few calls pass as probes, and decide.'],
    LocalOpen: ['warn', 'Some callers alone are cut off, since only their own calls fail.'],
    Isolated: ['warn', 'Held open by hand: all calls are refused.'],
    ForcedClosed: ['warn', 'Held closed by hand: calls pass and are counted, and nothing opens it.'],
    MetricsOnly: ['warn', 'By hand: calls pass and are counted, and when it would open it only says so.'],
    Disabled: ['warn', 'Switched off by hand: calls pass and are not counted.'],
};

const service = {
    Up: ['good', 'All instances are available.'],
    Degraded: ['warn', 'Some instances are not available.'],
    Down: ['bad', 'No instance is available.'],
    Protected: ['warn', 'So many instances fell silent together that nobody is removed.'],
    Empty: ['idle', 'No instance is registered.'],
};

const lock = {
    Held: ['busy', 'Somebody holds it, and nobody waits.'],
    Contended: ['warn', 'Somebody holds it, and others wait.'],
    Free: ['idle', 'Nobody holds it.'],
};

const idempotency = {
    Free: ['idle', 'Never used, freed, or expired: the next caller runs the work.'],
    InProgress: ['busy', 'An executor is at work, and its lease lasts.'],
    Abandoned: ['warn', 'An executor was at work and its lease has ended. The next caller takes over, or parks the key.'],
    Completed: ['good', 'There is a result, which every caller gets.'],
    Failed: ['warn', 'There is a remembered failure, which every caller gets.'],
    Parked: ['bad', 'An executor was lost, and nobody knows whether its work took effect. An operator has to find out.'],
    Sealed: ['idle', 'Closed before anything was done: nothing begins until the seal ends.'],
};

const step = {
    Pending: ['idle', 'Its turn has not come.'],
    Running: ['busy', 'The action runs, or waits to be tried again.'],
    Succeeded: ['good', 'Done.'],
    Rejected: ['warn', 'It has not happened, and there is nothing to undo.'],
    Unknown: ['warn', 'The action may have happened or not.'],
    Compensating: ['warn', 'The compensation runs, or waits to be tried again.'],
    Compensated: ['undone', 'Undone.'],
    CompensationFailed: ['bad', 'The compensation failed at its last attempt.'],
    Waiting: ['busy', 'It waits: for a signal, for the end of a delay, or for a child saga.'],
    Skipped: ['idle', 'Passed over.'],
    CompensationSkipped: ['idle', 'An operator had its compensation passed over.'],
};

const event = {
    Started: ['idle', 'It was started.'],
    Succeeded: ['good', 'The attempt succeeded.'],
    Rejected: ['warn', 'The attempt said no: it has not happened.'],
    Failed: ['bad', 'The attempt failed or timed out.'],
    Lost: ['bad', 'The attempt was never answered: its silo is gone.'],
    Interrupted: ['warn', 'The attempt was cut off because its silo stopped; it does not count.'],
    Signalled: ['good', 'A signal came.'],
    DeadlinePassed: ['warn', 'A signal did not come in time.'],
    CancelRequested: ['warn', 'Cancelling was asked for.'],
    TurnedRound: ['warn', 'It turned round and is being undone.'],
    Stuck: ['bad', 'It is stuck.'],
    Parked: ['bad', 'It is parked.'],
    Ended: ['good', 'It came to its end.'],
    Retried: ['busy', 'An operator had it tried again, or its missing definition was found.'],
    Skipped: ['idle', 'An operator had a step passed over.'],
    GivenUp: ['idle', 'An operator gave it up.'],
    ChildEnded: ['good', 'A child saga came to its end.'],
};

const instance = {
    Up: ['good', 'It is called.'],
    Warning: ['warn', 'It is called, and somebody should look at it.'],
    Starting: ['busy', 'It is listed, but not called yet.'],
    Draining: ['warn', 'It ends the calls that it has, and takes no new ones.'],
    Down: ['bad', 'It is not called.'],
};

export const statuses = { saga, breaker, service, lock, idempotency, step, event, instance };

export const toneOf = (pattern, status) => statuses[pattern]?.[status]?.[0] ?? 'idle';
export const meaningOf = (pattern, status) => statuses[pattern]?.[status]?.[1] ?? '';

/** "GivenUp" as people write it: "Given up". */
export const words = status => String(status).replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
