// Waits between attempts can be ten thousand times as long as the attempts, which on a plain axis could not be seen. Here a wait takes up no more
// than a fixed share of the width; such places are told, so that they can be marked.

const widestGap = 0.08;

/** For intervals {begin, end} in milliseconds: `at(instant)` as a share of the width, and the `gaps` that were shortened. Null without intervals. */
export function shortened(intervals) {
    if (intervals.length === 0) { return null; }
    const blocks = merged(intervals);
    const busy = Math.max(1, blocks.reduce((sum, block) => sum + block.end - block.begin, 0));
    const longest = busy * widestGap;

    const points = [];
    const cut = [];
    let width = 0;
    blocks.forEach((block, index) => {
        const wait = index > 0 ? block.begin - blocks[index - 1].end : 0;
        if (wait > longest) { cut.push({ from: width, width: longest, milliseconds: wait }); }
        width += Math.min(wait, longest);
        points.push({ instant: block.begin, width });
        width += block.end - block.begin;
        points.push({ instant: block.end, width });
    });

    const total = Math.max(width, 1);
    const share = part => `${((part / total) * 100).toFixed(3)}%`;
    return {
        begin: points[0].instant, end: points.at(-1).instant,
        at: instant => between(points, instant) / total,
        gaps: cut.map(gap => ({ from: share(gap.from), width: share(gap.width), milliseconds: gap.milliseconds })),
    };
}

function merged(intervals) {
    const blocks = [];
    for (const { begin, end } of [...intervals].sort((left, right) => left.begin - right.begin)) {
        const last = blocks.at(-1);
        if (last && begin <= last.end) { last.end = Math.max(last.end, end); } else { blocks.push({ begin, end: Math.max(begin, end) }); }
    }

    return blocks;
}

function between(points, instant) {
    const right = points.findIndex(point => point.instant >= instant);
    if (right <= 0) { return right < 0 ? points.at(-1).width : points[0].width; }
    const [before, after] = [points[right - 1], points[right]];
    const way = after.instant === before.instant ? 1 : (instant - before.instant) / (after.instant - before.instant);
    return before.width + way * (after.width - before.width);
}
