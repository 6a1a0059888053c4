// One service and its instances, those in trouble first.

import { addressOf } from './api.js';
import { chipOf, chips, filterForm, textFilter, withParams } from './filters.js';
import { instanceActions, releaseAction } from './instance-actions.js';
import { address, badge, callout, empty, facts, itemHead, keyText, number, quoted, section, table } from './parts.js';
import { h } from './dom.js';
import { toneOf, words } from './statuses.js';
import { clock, duration } from './time.js';

const nameOf = route => route.path[1];
const troubleFirst = ['Down', 'Warning', 'Draining', 'Starting', 'Up'];
const sources = { Operator: 'an operator says so', Lease: 'it fell silent', HealthCheck: 'its health check fails' };
const filterFrom = 8;

export const servicePage = {
    page: 'services',
    title: route => `Service ${nameOf(route)}`,
    isLive: () => true,
    address: route => addressOf('api/service', { name: nameOf(route) }),
    missing: 'There is no service of this name, or its last instance has gone.',
    head: ({ route, data }) => itemHead({
        list: '#/services', listName: 'Services', key: nameOf(route),
        badges: data && [badge('service', statusOf(data)), ' ', availability(data)],
        extra: data?.shards > 1 && ` in ${data.shards} shards`,
    }),
    body: app => [
        app.data.isProtected && callout('warn', 'Protected:',
            'So many instances fell silent together that the fault is more likely the registry’s or the network’s. '
                + 'Nobody is removed for as long as that, for at most 10 minutes.'),
        instances(app),
    ],
};

const isAvailable = ({ status }) => status === 'Up' || status === 'Warning';

// As the list says it.
function statusOf({ isProtected, instances: all }) {
    const available = all.filter(isAvailable).length;
    if (isProtected) { return 'Protected'; }
    if (all.length === 0) { return 'Empty'; }
    return available === 0 ? 'Down' : available < all.length ? 'Degraded' : 'Up';
}

function availability({ instances: all }) {
    return h('span', null, h('b', null, number(all.filter(isAvailable).length)), ` of ${number(all.length)} instances available`);
}

function instances(app) {
    const { data, route } = app;
    const { status, search } = route.params;
    if (data.instances.length === 0) { return section('Instances', empty('No instance is registered.')); }

    const found = data.instances
        .filter(instance => (!status || instance.status === status) && (!search || textOf(instance).includes(search)))
        .sort((left, right) => troubleFirst.indexOf(left.status) - troubleFirst.indexOf(right.status) || (left.id < right.id ? -1 : 1));
    const isLarge = data.instances.length >= filterFrom;
    return section('Instances',
        isLarge && [statusesOf(data, route), searchOf(route)],
        found.length > 0 ? table('Instances', columns(app), found, instance => instance.id) : empty('No instance matches.'));
}

const searchOf = route => filterForm('Search instances',
    textFilter(route, { name: 'search', label: 'Part of id, address, zone, version or tag', isSearch: true }));

const textOf = ({ id, endpoint, zone, version, tags }) => [id, endpoint, zone, version, ...(tags ?? [])].join('\n');

function statusesOf({ instances: all }, route) {
    const chip = status => chipOf({
        text: status ? words(status) : 'All', tone: status ? toneOf('instance', status) : null,
        count: number(status ? all.filter(instance => instance.status === status).length : all.length),
        href: withParams(route, { status }), isChosen: (route.params.status ?? '') === status,
    });
    return chips('Filter by status', ['', ...troubleFirst.filter(status => all.some(instance => instance.status === status))].map(chip));
}

function columns(app) {
    const hasSome = name => app.data.instances.some(instance => instance[name]);
    return [
        { head: 'Instance', kind: 'wide', cell: named },
        { head: 'Status', cell: standing },
        hasSome('zone') && { head: 'Zone', kind: 'short', cell: ({ zone }) => zone && keyText(zone) },
        hasSome('version') && { head: 'Version', kind: 'short', cell: ({ version }) => version && keyText(version) },
        { head: 'Weight', kind: 'narrow number', cell: ({ weight }) => weight },
        { head: 'Last heartbeat', kind: 'narrow', cell: instance => heartbeat(instance, app.data) },
        { head: 'Actions', kind: 'narrow', cell: instance => [instanceActions(app, instance), instance.override && releaseAction(app, instance)] },
    ].filter(Boolean);
}

function named({ id, endpoint, endpoints, tags, metadata }) {
    const more = [
        ...Object.entries(endpoints ?? {}).map(([name, text]) => [name, address(text)]),
        ...Object.entries(metadata ?? {}).map(([name, text]) => [name, keyText(text)]),
    ];
    const tag = text => h('span', { class: 'tag', key: text }, h('bdi', null, text));
    return [
        keyText(id), h('small', null, address(endpoint)),
        tags?.length > 0 && h('span', { class: 'tags', key: 'tags' }, tags.map(tag)),
        more.length > 0 && h('details', { key: 'more' }, h('summary', null, 'More'), facts(...more)),
    ];
}

function standing({ status, statusSource, override, healthCheck }) {
    return [
        badge('instance', status),
        sources[statusSource] && h('small', { key: 'source' }, sources[statusSource]),
        override && h('small', { key: 'override' }, quoted(override.reason), override.author && [' by ', keyText(override.author)]),
        healthCheck?.lastError && h('small', { class: 'step-error', key: 'check' },
            `${healthCheck.kind} `, keyText(healthCheck.target), ': ', quoted(healthCheck.lastError)),
    ];
}

// Not counted on by the second: heartbeats come without being told here, so a running number would say "late" of what is well.
function heartbeat({ silentForSeconds: silent, leaseSeconds: lease }, { asOf }) {
    if (silent === null || silent === undefined) { return h('span', { class: 'soft' }, 'not known'); }
    const share = Math.min(1, silent / lease);
    const tone = share >= 1 ? 'bad' : share > 0.7 ? 'warn' : 'good';
    return h('span', { title: `At ${clock(asOf)}` },
        `${duration(silent, 1)} ago`,
        h('small', null, `lease ${duration(lease)}`),
        h('span', { class: `meter tone-${tone}`, 'aria-hidden': 'true' }, h('span', { lengths: { '--for': `${share * 100}%` } })));
}
