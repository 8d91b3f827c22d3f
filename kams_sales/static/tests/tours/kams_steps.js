/*
 * Steps that several tours take.
 *
 * A form is saved when its buttons are gone *and* it is drawn as saved: buttons and form are drawn one after the other, so
 * that on a slow machine a form which was just edited still looks saved for a moment.
 */
const SAVED = ".o_form_view:has(.o_form_status_indicator_buttons.invisible) .o_form_saved";

/**
 * Save the form and wait until the server has answered.
 *
 * @param {string} [shows] - what the saved form has, e.g. `h2:contains('Li Ming')`
 */
export const save = (shows = "") => [
    { trigger: ".o_form_button_save:enabled", run: "click" },
    { trigger: `${SAVED} ${shows}`.trim() },
];

/**
 * Choose a value of a selection, and wait until the form has taken it: what was chosen while an answer of the server
 * redraws the form is otherwise lost on a slow machine.
 *
 * @param {string} name - the field
 * @param {string} label - as the menu has it
 */
export const choose = (name, label) => [
    { trigger: `.o_form_view .o_field_widget[name=${name}] input`, run: "click" },
    { trigger: `.o_select_menu_item:contains('${label}')`, run: "click" },
    { trigger: `.o_form_view .o_field_widget[name=${name}] input:value('${label}')` },
];
