// What narrows a list down: it all stands in the hash. Typing replaces the entry in the browser's history, so that Back leaves the list and does
// not take the word back letter by letter.

import { countOf, countText } from './counts.js';
import { h } from './dom.js';
import { patterns } from './pattern-links.js';
import { go, hashOf } from './router.js';
import { statuses, toneOf, words } from './statuses.js';

const restFor = 300;

/** The hash of the same page with other parameters; from its first page, since a cursor belongs to one query. */
export const withParams = (route, changes) => hashOf(route.path, { ...route.params, cursor: null, ...changes });

let timer = 0;

function change(route, name, value) {
    clearTimeout(timer);
    const isSameSearch = Boolean(route.params[name]) && Boolean(value);
    if ((route.params[name] ?? '') !== value) { go(withParams(route, { [name]: value }), { replace: isSameSearch }); }
}

export function textFilter(route, { name, label, hint = null, isSearch = false }) {
    const apply = event => change(route, name, event.target.value);
    const soon = event => {
        const input = event.target;
        clearTimeout(timer);
        // The handler is looked up when it is due, since the route may be another by then.
        timer = setTimeout(() => input.isConnected && input.onchange({ target: input }), restFor);
    };

    return h('div', { class: isSearch ? 'field search' : 'field', key: name }, h('label', { for: `filter-${name}` }, label),
        h('input', {
            id: `filter-${name}`, type: isSearch ? 'search' : 'text', name, value: route.params[name] ?? '', placeholder: hint,
            oninput: soon, onchange: apply,
            autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', maxlength: 512, 'data-search': isSearch || null,
        }));
}

export function choiceFilter(route, { name, label, options }) {
    const apply = event => change(route, name, event.target.value);
    return h('div', { class: 'field', key: name }, h('label', { for: `filter-${name}` }, label),
        h('select', { id: `filter-${name}`, name, value: route.params[name] ?? '', onchange: apply },
            options.map(([value, text]) => h('option', { value, key: value }, text))));
}

export const filterForm = (label, ...fields) =>
    h('form', { class: 'filters', role: 'search', 'aria-label': label, onsubmit: event => event.preventDefault(), key: 'filters' }, fields);

/** One chip a status. Counts are those of the whole pattern, so they are left out once something else narrows the list down. */
export function statusChips(route, pattern) {
    const name = patterns[pattern].status;
    const chosen = route.params[name] ?? '';
    const isNarrowed = Object.keys(route.params).some(param => param !== name && param !== 'cursor');
    const chip = status => {
        const count = isNarrowed || !status ? null : countOf(pattern, status);
        return chipOf({
            text: status ? words(status) : 'All', tone: status ? toneOf(pattern, status) : null, count: countText(count),
            href: withParams(route, { [name]: status }), isChosen: chosen === status,
        });
    };

    const listed = Object.keys(statuses[pattern]).filter(status => !(pattern === 'lock' && status === 'Free'));
    return chips('Filter by status', ['', ...listed].map(chip));
}

export const chips = (label, children) => h('nav', { class: 'chips', 'aria-label': label, key: label }, children);

export function chipOf({ text, tone, count, href, isChosen }) {
    return h('a', { class: `chip ${tone ? `tone-${tone}` : ''}`, href, 'aria-current': isChosen ? 'true' : null, key: text },
        text, count !== '' && count !== null && [' ', h('span', { class: 'count' }, count)]);
}
