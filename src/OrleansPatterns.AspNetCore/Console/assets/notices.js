// Results of actions, said in a corner and to screen readers. They go by themselves: what they say can be seen on the page, too.

import { h, patch } from './dom.js';

const shownFor = 10_000;
let notices = [];
let count = 0;

export function notice(text, tone = 'good') {
    const id = ++count;
    notices = [...notices.slice(-2), { id, text, tone }];
    draw();
    setTimeout(() => dismiss(id), shownFor);
}

function dismiss(id) {
    notices = notices.filter(notice => notice.id !== id);
    draw();
}

function draw() {
    patch(document.getElementById('notices'), notices.map(({ id, text, tone }) => h('p', { key: id, class: `notice tone-${tone}` },
        h('span', { dir: 'auto' }, text),
        h('button', { type: 'button', class: 'quiet', onclick: () => dismiss(id), 'aria-label': 'Dismiss' }, '×'))));
}
