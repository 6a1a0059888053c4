// One dialog at a time: what will happen, to what, why; then a button named like the deed. <dialog> itself keeps the focus inside, closes on Esc
// and gives the focus back.

import { explain } from './api.js';
import { h, patch } from './dom.js';
import { notice } from './notices.js';
import { keyText } from './parts.js';

/**
 * `deed` is {title, verb, dismiss, isDangerous, target, says: [sentences], fields: [{name, label, kind, options, value, hint}], send(values), done,
 * then(answer)}. A deed without `send` needs no reason and only answers: `then(values)`.
 */
export function ask(deed) {
    const { fields = [] } = deed;
    const needsReason = Boolean(deed.send);
    const dialog = document.body.appendChild(document.createElement('dialog'));
    const opener = document.activeElement;
    dialog.setAttribute('aria-labelledby', 'dialog-title');
    let isBusy = false;
    let problem = null;

    const draw = () => patch(dialog, h('form', { onsubmit: submit, onkeydown: submitByKey },
        h('h2', { id: 'dialog-title' }, deed.title),
        deed.target && h('p', { class: 'target' }, keyText(deed.target)),
        (deed.says ?? []).map(sentence => h('p', { key: sentence }, sentence)),
        fields.map(field => fieldOf(field)),
        needsReason && reasonField(),
        h('div', { class: 'outcome', role: 'alert' }, problem && h('p', { class: 'callout tone-bad' }, problemText(problem))),
        h('div', { class: 'buttons' },
            h('button', { type: 'button', onclick: () => dialog.close() }, deed.dismiss ?? 'Cancel'),
            h('button', { type: 'submit', class: deed.isDangerous ? 'danger' : 'primary', 'aria-disabled': isBusy },
                isBusy ? 'Working…' : deed.verb))));

    const submit = async event => {
        event.preventDefault();
        if (isBusy) { return; }
        const values = Object.fromEntries(new FormData(event.target));
        if (needsReason) { values.reason = values.reason.trim(); }
        if (!deed.send) { dialog.close(); deed.then(values); return; }

        [isBusy, problem] = [true, null];
        draw();
        try {
            const answer = await deed.send(values);
            deed.then?.(answer);
            dialog.close();
            notice(deed.done); // Only now: what lies behind a modal dialog is not read out.
        } catch (fault) {
            problem = fault;
            if (!dialog.open) { notice(`${deed.title}: ${problemText(fault)}`, 'bad'); }
        }

        isBusy = false;
        if (dialog.open) { draw(); }
    };

    dialog.addEventListener('close', () => {
        dialog.remove();
        // The button may be gone since what it did is done.
        if (!opener?.isConnected || document.activeElement === document.body) { focusHeading(); }
    });

    draw();
    dialog.showModal();
    (dialog.querySelector('textarea') ?? dialog.querySelector('input'))?.focus();
}

function submitByKey(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.currentTarget.requestSubmit(); }
}

function problemText(problem) {
    return problem.isUnknown ? `${explain(problem)} Whether it took effect is not known: look before you repeat it.` : explain(problem);
}

function reasonField() {
    const check = event => event.target.setCustomValidity(event.target.value.trim() ? '' : 'Say why, for those who look at this later.');
    return h('div', { class: 'field', key: 'reason' }, h('label', { for: 'field-reason' }, 'Reason'),
        h('textarea', {
            id: 'field-reason', name: 'reason', required: true, maxlength: 500, rows: 2, dir: 'auto',
            oninput: check, 'aria-describedby': 'reason-hint',
        }),
        h('small', { id: 'reason-hint' }, 'Who did it and why is kept in the log.'));
}

function fieldOf({ name, label, kind = 'text', options = [], value = '', hint = null }) {
    if (kind === 'choice') {
        const choiceOf = option => h('label', { key: option.value },
            h('input', { type: 'radio', name, value: option.value, checked: option.value === value, required: true }),
            h('span', null, h('b', null, option.label), ' ', h('small', null, option.hint)));
        return h('fieldset', { class: 'choices', key: name }, h('legend', null, label), options.map(choiceOf));
    }

    const id = `field-${name}`;
    const control = kind === 'select'
        ? h('select', { id, name, value }, options.map(option => h('option', { value: option.value, key: option.value }, option.label)))
        : h('input', {
            id, name, value, required: true, maxlength: 512, 'aria-describedby': hint && `${id}-hint`,
            autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off',
        });
    return h('div', { class: 'field', key: name }, h('label', { for: id }, label), control, hint && h('small', { id: `${id}-hint` }, hint));
}

/** A question about a page that has been left is no question any more. */
export const closeDialog = () => document.querySelector('dialog[open]')?.close();

export const isAsking = () => document.querySelector('dialog[open]') !== null;

export const focusHeading = () => document.querySelector('#view h1')?.focus({ preventScroll: true });
