// h() describes an element, patch() brings the children of a node in line with descriptions. Nodes are kept wherever they can be: whoever is
// typing, selecting text or about to press a button must not notice that new data came. Text only ever becomes text nodes.

const svgNamespace = 'http://www.w3.org/2000/svg';
const safeAddress = /^(#|https?:\/\/)/i;
const drawn = new WeakMap();

const isShown = child => child !== null && child !== undefined && child !== '' && typeof child !== 'boolean';
const shown = children => children.flat(Infinity).filter(isShown).map(child => (typeof child === 'object' ? child : String(child)));

export function h(tag, props, ...children) {
    return { tag, key: props?.key, props: props ?? {}, children: shown(children) };
}

export function patch(parent, ...children) {
    const focused = document.activeElement;
    arrange(parent, shown(children));
    // A node loses the focus when it is moved.
    if (focused !== document.activeElement && focused?.isConnected) { focused.focus({ preventScroll: true }); }
}

function arrange(parent, wanted) {
    const keyed = new Map();
    const loose = [];
    for (const node of parent.childNodes) {
        const key = drawn.get(node)?.key;
        if (key === undefined) { loose.push(node); } else { keyed.set(key, node); }
    }

    const nodes = wanted.map(description => {
        const node = take(description, keyed, loose);
        return node ? renew(node, description) : create(description, parent);
    });

    // What is gone goes first, so that the rest stands in order already and moves only if it really has moved.
    const kept = new Set(nodes);
    for (const node of [...parent.childNodes]) { if (!kept.has(node)) { node.remove(); } }

    let next = parent.firstChild;
    for (const node of nodes) {
        if (node === next) { next = next.nextSibling; } else { parent.insertBefore(node, next); }
    }
}

function take(description, keyed, loose) {
    if (description.key !== undefined) {
        const node = keyed.get(description.key);
        keyed.delete(description.key); // A key that comes twice must not be given the same node twice.
        return node && fits(node, description) ? node : null;
    }

    const index = loose.findIndex(node => fits(node, description));
    return index < 0 ? null : loose.splice(index, 1)[0];
}

function fits(node, description) {
    return typeof description === 'string' ? node.nodeType === Node.TEXT_NODE : drawn.get(node)?.tag === description.tag;
}

function create(description, parent) {
    if (typeof description === 'string') { return document.createTextNode(description); }
    const isSvg = description.tag === 'svg' || parent.namespaceURI === svgNamespace;
    const node = isSvg ? document.createElementNS(svgNamespace, description.tag) : document.createElement(description.tag);
    return fill(node, {}, description);
}

function renew(node, description) {
    if (typeof description === 'string') {
        if (node.data !== description) { node.data = description; }
        return node;
    }

    return fill(node, drawn.get(node).props, description);
}

function fill(node, before, description) {
    drawn.set(node, description);
    arrange(node, description.children); // Before the properties: a <select> can take its value only once it has its options.
    for (const name of Object.keys(before)) { if (!(name in description.props)) { set(node, name, null); } }
    for (const [name, value] of Object.entries(description.props)) { if (before[name] !== value) { set(node, name, value); } }
    return node;
}

function set(node, name, value) {
    if (name === 'key') { return; }
    if (name.startsWith('on')) { node[name] = value; return; }
    if (name === 'value' || name === 'checked') { node[name] = value ?? ''; return; }
    // Custom properties of CSS; a style attribute would be refused by the content security policy.
    if (name === 'lengths') { Object.entries(value ?? {}).forEach(([property, length]) => node.style.setProperty(property, length)); return; }

    const isAria = name.startsWith('aria-');
    const isAbsent = value === null || value === undefined || (value === false && !isAria);
    const isUnsafe = name === 'href' && !safeAddress.test(value);
    if (isAbsent || isUnsafe) { node.removeAttribute(name); } else { node.setAttribute(name, value === true && !isAria ? '' : value); }
}
