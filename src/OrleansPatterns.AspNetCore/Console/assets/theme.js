'use strict';

// Storage may be forbidden; then the choice lasts as long as the page.
window.consoleTheme = (() => {
    const known = ['system', 'light', 'dark'];
    let chosen = 'system';
    try { chosen = localStorage.getItem('orleanspatterns.theme') ?? chosen; } catch { /* see above */ }

    const choose = theme => {
        chosen = known.includes(theme) ? theme : 'system';
        document.documentElement.dataset.theme = chosen;
        try { localStorage.setItem('orleanspatterns.theme', chosen); } catch { /* see above */ }
        return chosen;
    };

    choose(chosen);
    return { get chosen() { return chosen; }, next: () => choose(known[(known.indexOf(chosen) + 1) % known.length]) };
})();
