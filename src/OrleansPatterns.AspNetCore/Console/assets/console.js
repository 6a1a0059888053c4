// The entry: takes the address bar to a page, the page to its data, and draws both again whenever one of them changes.

import { explain, openSession } from './api.js';
import { breakerPage } from './breaker.js';
import { breakersPage } from './breakers.js';
import { refreshCounts } from './counts.js';
import { closeDialog, focusHeading, isAsking } from './dialog.js';
import { h, patch } from './dom.js';
import { idempotencyKeyPage } from './idempotency-key.js';
import { idempotencyPage } from './idempotency.js';
import { startKeyboard } from './keyboard.js';
import { watch } from './live.js';
import { lockPage } from './lock.js';
import { locksPage } from './locks.js';
import { overviewPage } from './overview.js';
import { startRouting } from './router.js';
import { sagaPage } from './saga.js';
import { sagasPage } from './sagas.js';
import { servicePage } from './service.js';
import { servicesPage } from './services.js';
import { drawConnection, drawNavigation, drawBanner, startShell } from './shell.js';
import { load } from './snapshot.js';
import { dropWaiting, forgetAim, startSteadying, whenSteady } from './steady.js';
import { hearServerTime, startTicking } from './time.js';

const pages = {
    sagas: [sagasPage, sagaPage], breakers: [breakersPage, breakerPage], services: [servicesPage, servicePage],
    locks: [locksPage, lockPage], idempotency: [idempotencyPage, idempotencyKeyPage],
};
const unknownPage = {
    page: null,
    title: () => 'Not found',
    address: () => null,
    head: () => h('h1', { tabindex: -1, key: 'head' }, 'There is no such page'),
};

const remembered = new Map();
const rememberedAtMost = 30;
const view = document.getElementById('view');

// `isOld`: the data is that of the list before its filter was changed, and stands only until the other has come. `isHeld`: there is newer, but
// somebody is aiming at a row.
let now = { route: null, page: null, address: null, data: null, isOld: false, isHeld: false, problem: null, connection: 'connecting' };
let leave = () => {};

function pageOf({ path }) {
    if (path.length === 0) { return overviewPage; }
    return Object.hasOwn(pages, path[0]) ? pages[path[0]][path.length === 1 ? 0 : 1] : unknownPage;
}

function enter(route) {
    const page = pageOf(route);
    const address = page.address(route);
    const isFirst = now.route === null;
    const isSameThing = now.route && page === now.page && route.path.join('/') === now.route.path.join('/');
    closeDialog();

    // What was seen here before stands until there is newer: going back shows it at once, where it was.
    if (address !== now.address || address === null) {
        leave();
        forgetAim();
        const known = remembered.get(address);
        const data = known ?? (isSameThing ? now.data : null);
        const connection = address === null ? 'none' : 'connecting';
        now = { route, page, address, data, isOld: !known && data !== null, isHeld: false, problem: null, connection };
        draw();
        leave = address === null ? () => {} : (page.isLive(route) ? watch : load)(address, ear(address));
    } else {
        now = { ...now, route };
        draw();
    }

    if (!isSameThing) { arrive(route, isFirst); }
}

function arrive({ scroll }, isFirst) {
    // A page that was just loaded is read, and tabbed through, from its top.
    if (!isFirst) { focusHeading(); }
    scrollTo(0, scroll);
}

// Answers for an address that was left meanwhile are of no interest.
function ear(address) {
    const isCurrent = () => now.address === address;
    const state = change => isCurrent() && (now = { ...now, ...change }, drawConnection(now));
    return {
        data: data => {
            if (!isCurrent()) { return; }
            hearServerTime(data.asOf); // By when it came, not by when it is drawn.
            const hasRows = now.data && !now.isOld;
            if (!hasRows) { show(data); } else if (whenSteady(() => isCurrent() && show(data))) { state({ isHeld: true }); }
        },
        problem: problem => isCurrent() && fail(problem),
        state: connection => connection !== now.connection && state({ connection }),
    };
}

function adopt(answer) {
    hearServerTime(answer.asOf);
    show(answer);
}

// Data that still waits is older than what comes now.
function show(data) {
    dropWaiting();
    now = { ...now, data, isOld: false, isHeld: false, problem: null };
    remember(now.address, data);
    draw();
    refreshCounts().then(isNew => isNew && draw());
}

function fail(problem) {
    dropWaiting();
    now = { ...now, problem, data: now.isOld ? null : now.data, isOld: false, isHeld: false };
    draw();
}

function remember(address, data) {
    remembered.delete(address);
    remembered.set(address, data);
    if (remembered.size > rememberedAtMost) { remembered.delete(remembered.keys().next().value); }
}

function draw() {
    const { page, route, data, isOld, problem } = now;
    const hadFocus = view.contains(document.activeElement);
    // The answer to an action is about what was on the page when it was begun.
    const address = now.address;
    const app = { route, data, adopt: answer => (now.address === address && answer?.asOf ? adopt(answer) : null) };

    patch(view, page.head(app), content(page, app, problem, isOld));
    document.title = `${page.title(route)} · OrleansPatterns`;
    if (hadFocus && !view.contains(document.activeElement) && !isAsking()) { focusHeading(); }

    drawNavigation(page);
    drawConnection(now);
    drawBanner(now);
}

function content(page, app, problem, isOld) {
    if (page.address(app.route) === null) { return h('p', { class: 'empty', key: 'empty' }, h('a', { href: '#/' }, 'Go to the overview')); }
    if (app.data) { return h('div', { class: problem || isOld ? 'body stale' : 'body', key: 'body' }, page.body(app)); }
    if (!problem) { return h('p', { class: 'empty loading', key: 'loading' }, 'Loading…'); }
    const isMissing = problem.status === 404;
    return h('div', { class: `callout tone-${isMissing ? 'warn' : 'bad'}`, role: 'alert', key: 'problem' },
        h('strong', null, `${problem.title || 'There is nothing to show'}.`), ' ', isMissing && page.missing ? page.missing : explain(problem));
}

startShell(() => openSession());
startKeyboard();
startTicking();
startSteadying();
startRouting(enter);
