import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

const row = (list, text) => `.o_field_widget[name=${list}] .o_data_row:contains('${text}')`;
const selected = (list) => `.o_field_widget[name=${list}] .o_selected_row`;
const option = (text) => `.o_select_menu_item:contains('${text}')`;
const pick = (trigger, text) => [
    { trigger, run: "click" },
    { trigger: option(text), run: "click" },
];

/** The owner of a lost deal writes the review that waits for them: reason, ratings, what follows. */
registry.category("web_tour.tours").add("kams_write_a_loss_review", {
    steps: () => [
        {
            content: "It started by itself",
            trigger: ".o_data_row:contains('Lost boiler') td[name=lead_id]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=reason_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        ...pick(`${selected("reason_ids")} [name=category] input`, "Technical Solution"),
        ...pick(`${selected("reason_ids")} [name=source] input`, "Sales Review"),
        {
            trigger: `${selected("reason_ids")} [name=note] input`,
            run: "edit No remote control",
        },
        {
            trigger: ".o_field_widget[name=turning_point] textarea",
            run: "edit The visit to our reference",
        },
        {
            trigger: ".o_field_widget[name=lessons] textarea",
            run: "edit Ask for the control room first",
        },
        ...save(),
        {
            trigger: ".nav-link[name=ratings]",
            run: "click",
        },
        {
            trigger: `${row("criterion_ids", "Technical Solution")} td[name=importance]`,
            run: "click",
        },
        {
            trigger: `${selected("criterion_ids")} [name=importance] input`,
            run: "edit 5",
        },
        {
            trigger: `${selected("criterion_ids")} [name=us] input`,
            run: "edit 2",
        },
        {
            trigger: `${selected("criterion_ids")} [name=competitor] input`,
            run: "edit 4",
        },
        ...save(`${row("criterion_ids", "Technical Solution")} td[name=gap]:contains('-2')`),
        {
            trigger: ".nav-link[name=actions]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=action_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: `${selected("action_ids")} [name=name] input`,
            run: "edit Build a remote control",
        },
        ...save(),
        {
            content: "Whose deal it was doesn't stand for it",
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".modal .modal-body:contains('somebody other than')",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

/** The director asks the customer, notes who asked and when, and confirms. */
registry.category("web_tour.tours").add("kams_confirm_a_loss_review", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=interviewer_id] input",
            run: "edit kams_director",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('kams_director')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=customer_voice] textarea",
            run: "edit Your people were nicer",
        },
        ...save(),
        {
            trigger: "button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=confirmed_by_id]:contains('kams_director')",
        },
        {
            content: "From now on it stays",
            trigger: ".o_form_view:not(:has(.o_field_widget[name=lessons] textarea))",
        },
        {
            trigger: ".nav-link[name=actions]",
            run: "click",
        },
        {
            content: "What follows goes on",
            trigger: `${row("action_ids", "Build a remote control")} button[name=action_done]`,
            run: "click",
        },
        {
            trigger: `${row("action_ids", "Build a remote control")} button[name=action_not_done]`,
        },
    ],
});
