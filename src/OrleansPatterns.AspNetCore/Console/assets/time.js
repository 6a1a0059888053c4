// Ages are told by the server's clock: a phone's own may be minutes off, and an age is what one decides by.

import { h } from './dom.js';

let serverTime = Date.now();
let heardAt = performance.now();

export function hearServerTime(asOf) {
    const instant = Date.parse(asOf);
    if (!Number.isNaN(instant)) { [serverTime, heardAt] = [instant, performance.now()]; }
}

export const now = () => serverTime + performance.now() - heardAt;

/** The instant that lies so many seconds before (or, less than zero, after) the data. */
export const before = (data, seconds) => Date.parse(data.asOf) - seconds * 1000;

const scale = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/** 4000 seconds in two parts: "1 h 6 min". */
export function duration(seconds, parts = 2) {
    let rest = Math.max(0, Math.floor(seconds));
    const first = scale.findIndex(([, size]) => rest >= size);
    if (first < 0) { return '0 s'; }
    return scale.slice(first, first + parts).map(([unit, size]) => {
        const count = Math.floor(rest / size);
        rest -= count * size;
        return count > 0 ? `${count} ${unit}` : null;
    }).filter(Boolean).join(' ');
}

/** For what is measured rather than waited for: "120 ms", "1.4 s", "2 min 3 s". */
export function took(milliseconds) {
    if (milliseconds < 1000) { return `${Math.round(Math.max(0, milliseconds))} ms`; }
    return milliseconds < 10000 ? `${(milliseconds / 1000).toFixed(1)} s` : duration(milliseconds / 1000);
}

const two = number => String(number).padStart(2, '0');

export function clock(instant) {
    const at = new Date(instant);
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function stamp(instant) {
    const at = new Date(instant);
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(instant)}`;
}

const sayings = {
    ago: instant => (now() - instant < 1000 ? 'just now' : `${duration((now() - instant) / 1000, 1)} ago`),
    for: instant => duration((now() - instant) / 1000),
    in: instant => (instant <= now() ? 'now' : `in ${duration((instant - now()) / 1000)}`),
};

function ticking(saying, instant) {
    if (instant === null || instant === undefined) { return null; }
    const at = typeof instant === 'number' ? instant : Date.parse(instant);
    if (Number.isNaN(at)) { return null; }
    const iso = new Date(at).toISOString();
    return h('time', { datetime: iso, title: `${stamp(at)} (${iso})`, 'data-saying': saying, 'data-at': at }, sayings[saying](at));
}

export const ago = instant => ticking('ago', instant);
export const lasting = instant => ticking('for', instant);
export const until = instant => ticking('in', instant);

/** An instant as date and time of day, with its age beside it. */
export function instantOf(iso, saying = ago) {
    if (!iso) { return null; }
    const at = Date.parse(iso);
    return [h('time', { datetime: iso, title: iso, class: 'number' }, stamp(at)), ' ', h('span', { class: 'soft' }, '(', saying(at), ')')];
}

export function startTicking() {
    setInterval(() => {
        if (document.hidden) { return; }
        for (const node of document.querySelectorAll('time[data-saying]')) {
            const text = sayings[node.dataset.saying](Number(node.dataset.at));
            // The text node stays, and with it a selection that reaches into it.
            if (node.firstChild.data !== text) { node.firstChild.data = text; }
        }
    }, 1000);
}
