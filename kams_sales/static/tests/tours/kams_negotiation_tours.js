import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

const page = (name) => ({ trigger: `.nav-link[name=${name}]`, run: "click" });
const add = (lines) => ({ trigger: `.o_field_widget[name=${lines}] .o_field_x2many_list_row_add a`, run: "click" });
const cell = (lines, name, text) => ({
    trigger: `.o_field_widget[name=${lines}] .o_selected_row .o_field_widget[name=${name}] :is(input, textarea)`,
    run: `edit ${text}`,
});
const choose = (lines, name, text) => [
    {
        trigger: `.o_field_widget[name=${lines}] .o_selected_row .o_field_widget[name=${name}] input`,
        run: `edit ${text}`,
    },
    { trigger: `.o-autocomplete--dropdown-item:contains('${text}')`, run: "click" },
];

registry.category("web_tour.tours").add("kams_plan_a_negotiation", {
    steps: () => [
        {
            content: "A new negotiation of the deal",
            trigger: ".o_field_widget[name=lead_id] input",
            run: "edit Boiler retrofit",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains('Boiler retrofit')", run: "click" },
        { trigger: ".o_field_widget[name=name] :is(input, textarea)", run: "edit Main contract" },
        page("issues"),
        add("issue_ids"),
        cell("issue_ids", "opening", "1150"),
        cell("issue_ids", "target", "1100"),
        cell("issue_ids", "reservation", "950"),
        cell("issue_ids", "weight", "100"),
        page("concessions"),
        add("concession_ids"),
        cell("concession_ids", "give", "A discount"),
        cell("concession_ids", "amount", "60"),
        cell("concession_ids", "condition", "They sign in May"),
        page("strength"),
        { trigger: ".o_field_widget[name=batna] textarea", run: "edit Sell to Datang" },
        page("people"),
        add("member_ids"),
        ...choose("member_ids", "user_id", "kams_sales_user"),
        ...save(),
        {
            content: "It is complete: somebody else says yes to it",
            trigger: "button[name=action_ask_approval]",
            run: "click",
        },
        { trigger: ".o-mail-Activity, .o-mail-Chatter:contains('Approve the plan')" },
        page("rounds"),
        { trigger: ".tab-pane.active:contains('Rounds are planned once the plan is approved')" },
    ],
});

registry.category("web_tour.tours").add("kams_record_a_round", {
    steps: () => [
        page("rounds"),
        {
            content: "The round that is over",
            trigger: ".o_field_widget[name=round_ids] .o_data_row button[name=action_kams_open]",
            run: "click",
        },
        page("kams_round"),
        add("kams_move_ids"),
        ...choose("kams_move_ids", "issue_id", "Price"),
        cell("kams_move_ids", "their_offer", "950"),
        cell("kams_move_ids", "our_offer", "1010"),
        add("kams_given_ids"),
        ...choose("kams_given_ids", "plan_id", "A discount"),
        cell("kams_given_ids", "amount", "40"),
        add("kams_given_ids"),
        { trigger: ".o_field_widget[name=kams_given_ids] .o_data_row:nth-child(2).o_selected_row" },
        cell("kams_given_ids", "name", "A spare pump"),
        cell("kams_given_ids", "amount", "5"),
        add("kams_point_ids"),
        cell("kams_point_ids", "text", "Who pays for the crane?"),
        ...save(),
        {
            content: "What was planned is named as planned, what wasn't is marked",
            trigger: ".o_field_widget[name=kams_given_ids] .o_data_row:contains('They sign in May')",
        },
        {
            trigger: ".o_field_widget[name=kams_given_ids] .o_data_row:contains('Not in the plan')",
            timeout: 60000,
        },
        { trigger: ".o_field_widget[name=kams_settlement_ours]:contains('40.00')" },
        page("kams_record"),
        { trigger: ".o_field_widget[name=kams_minutes] textarea", run: "edit They want half of it later" },
        { trigger: ".o_field_widget[name=kams_outcome] input", run: "click" },
        { trigger: ".o_select_menu_item:contains('Advance')", run: "click" },
        { trigger: ".o_field_widget[name=kams_next_step] input", run: "edit Second round" },
        { trigger: ".o_field_widget[name=kams_next_step_date] .o_input", run: "click" },
        { trigger: ".o_field_widget[name=kams_next_step_date] input", run: "edit 01/31/2099" },
        { trigger: "button[name=action_kams_submit]", run: "click" },
        {
            content: "Nothing is given for nothing",
            trigger: ".modal-body:contains('A spare pump'):contains('for nothing')",
        },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        page("kams_round"),
        {
            trigger:
                ".o_field_widget[name=kams_given_ids] .o_data_row:contains('A spare pump') .o_data_cell[name=condition]",
            run: "click",
        },
        cell("kams_given_ids", "condition", "They buy two"),
        { trigger: "button[name=action_kams_submit]", run: "click" },
        { trigger: "button[name=action_kams_reopen]" },
        { trigger: ".o_field_widget[name=kams_move_ids]:not(:has(.o_field_x2many_list_row_add))" },
    ],
});
