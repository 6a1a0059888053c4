// Indents JSON without reading it as numbers: JSON.parse would round 12345678901234567890, and what an operator compares must be what is stored.

const token = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs;
const opens = text => text === '{' || text === '[';
const closes = text => text === '}' || text === ']';

export function indented(json) {
    let depth = 0;
    let before = '';
    const pieces = [];
    for (const [text] of json.matchAll(token)) {
        if (closes(text)) { depth = Math.max(0, depth - 1); }
        const isEmptyPair = opens(before) && closes(text);
        if (!isEmptyPair && (opens(before) || closes(text) || before === ',')) { pieces.push(`\n${'  '.repeat(depth)}`); }
        pieces.push(text === ':' ? ': ' : text);
        if (opens(text)) { depth++; }
        before = text;
    }

    return pieces.join('');
}
