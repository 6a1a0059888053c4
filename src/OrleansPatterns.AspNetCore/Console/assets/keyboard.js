// Single keys, as mail programs and code hosts have them. Who dictates or types with a switch can turn them off in the help.

import { isAsking } from './dialog.js';
import { h, patch } from './dom.js';
import { go } from './router.js';

const pages = {
    o: ['Overview', '#/'], s: ['Sagas', '#/sagas'], b: ['Breakers', '#/breakers'],
    d: ['Services (discovery)', '#/services'], l: ['Locks', '#/locks'], i: ['Idempotency', '#/idempotency'],
};
const secondKeyWithin = 1500;
let isOn = true;
let startedAt = -Infinity;

export function startKeyboard() {
    try { isOn = localStorage.getItem('orleanspatterns.keys') !== 'off'; } catch { /* Storage may be forbidden. */ }
    document.addEventListener('keydown', press);
    document.getElementById('help').onclick = showHelp;
}

function press(event) {
    const isTyping = event.target.closest?.('input, textarea, select, [contenteditable]');
    const isCombined = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (!isOn || isTyping || isCombined || isAsking()) { return; }

    const isSecond = performance.now() - startedAt < secondKeyWithin;
    startedAt = event.key === 'g' ? performance.now() : -Infinity;
    const search = document.querySelector('[data-search]');
    if (isSecond && pages[event.key]) {
        event.preventDefault();
        go(pages[event.key][1]);
    } else if (event.key === '/' && search) {
        event.preventDefault();
        search.focus();
        search.select();
    } else if (event.key === '?') {
        event.preventDefault();
        showHelp();
    }
}

function turn(event) {
    isOn = event.target.checked;
    try { localStorage.setItem('orleanspatterns.keys', isOn ? 'on' : 'off'); } catch { /* Then it holds until the page is loaded again. */ }
}

function showHelp() {
    const dialog = document.body.appendChild(document.createElement('dialog'));
    dialog.setAttribute('aria-labelledby', 'help-title');
    const keys = (...names) => names.map(name => h('kbd', { key: name }, name));
    const line = (names, text) => h('div', { key: text }, h('dt', null, keys(...names)), h('dd', null, text));
    patch(dialog, h('form', { method: 'dialog' },
        h('h2', { id: 'help-title' }, 'Help'),
        h('p', null, 'What you see is live while the page can be seen. Lists hold still while you point at their rows.'),
        h('p', null, 'Ages are told by the server’s clock. Times of day are in this browser’s time zone; point at one to see it in UTC.'),
        h('p', null, 'Every action asks for a reason; who did it and why is kept in the server’s log.'),
        h('h3', null, 'Keys'),
        h('dl', { class: 'keys' }, line(['/'], 'Search'), line(['?'], 'This help'), line(['Esc'], 'Close a dialog without doing anything'),
            line(['Ctrl', 'Enter'], 'Do what a dialog asks about'), Object.entries(pages).map(([key, [name]]) => line(['g', key], name))),
        h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: isOn, onchange: turn }), ' Single keys are on'),
        h('div', { class: 'buttons' }, h('button', { class: 'primary', autofocus: true }, 'Close'))));
    dialog.addEventListener('close', () => dialog.remove());
    dialog.showModal();
}
