// What stands around every page: the navigation with what needs attention, how fresh the data is, problems, the theme, who is signed in.

import { explain } from './api.js';
import { countOf } from './counts.js';
import { h, patch } from './dom.js';
import { patterns } from './pattern-links.js';
import { statuses, toneOf } from './statuses.js';
import { clock } from './time.js';

const place = name => document.getElementById(name);

export function startShell(openSession) {
    place('skip').onclick = event => {
        event.preventDefault(); // The hash is the router's.
        place('view').focus();
    };

    const drawTheme = () => {
        place('theme-name').textContent = window.consoleTheme.chosen;
        place('theme').setAttribute('aria-label', `Theme: ${window.consoleTheme.chosen}`);
    };
    place('theme').onclick = () => { window.consoleTheme.next(); drawTheme(); };
    drawTheme();

    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    place('zone').textContent = `Times in ${timeZone}.`;
    openSession().then(({ user }) => { place('user').textContent = user ? `Signed in as ${user}.` : 'Not signed in.'; }, () => {});
}

export function drawNavigation(page) {
    for (const link of document.querySelectorAll('#pages a')) {
        markCurrent(link, link.dataset.page === page.page);
        const count = troubleOf(link.dataset.page);
        const name = link.dataset.name ??= link.textContent;
        const mark = h('span', { class: 'count tone-bad', key: 'count' },
            count > 99 ? '99+' : count, h('span', { class: 'unseen' }, ' need attention'));
        patch(link, name, count > 0 && [' ', mark]);
    }
}

function markCurrent(link, isCurrent) {
    if (isCurrent === link.hasAttribute('aria-current')) { return; }
    if (!isCurrent) { link.removeAttribute('aria-current'); return; }
    link.setAttribute('aria-current', 'page');
    // On a narrow screen the navigation scrolls sideways. scrollIntoView would scroll the page, too.
    const row = place('pages');
    row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
}

function troubleOf(page) {
    const pattern = Object.keys(patterns).find(name => patterns[name].page === page);
    const bad = pattern ? Object.keys(statuses[pattern]).filter(status => toneOf(pattern, status) === 'bad') : [];
    return bad.reduce((sum, status) => sum + (countOf(pattern, status) ?? 0), 0);
}

export function drawConnection({ connection, data, problem, isHeld }) {
    const at = data ? `data from ${clock(data.asOf)}` : '';
    const fresh = isHeld && connection === 'live' ? 'held' : connection;
    const state = problem ? 'stale' : fresh;
    const text = {
        none: '', live: 'live', held: 'held still', once: at, stale: at || 'no data', connecting: at || 'connecting',
        reconnecting: at ? `reconnecting, ${at}` : 'connecting',
    }[state];
    place('connection').dataset.state = state;
    patch(place('connection'), text);
}

export function drawBanner({ data, problem }) {
    patch(place('banner'), problem && data && h('p', null, h('strong', null, `${problem.title || 'No new data'}.`), ' ', explain(problem),
        ` What you see is from ${clock(data.asOf)}.`));
}
