import { registry } from "@web/core/registry";

const row = (no) => `.o_data_row:has(td[name=clause_no]:contains('${no}'))`;

registry.category("web_tour.tours").add("kams_work_a_clause", {
    steps: () => [
        {
            content: "The tender says that a starred clause is open",
            trigger: ".oe_stat_button[name=action_open_stars]:contains('1')",
        },
        {
            trigger: ".nav-link[name=clauses]",
            run: "click",
        },
        {
            content: "More clauses come from the documents",
            trigger: "button[name=action_add_clauses]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=text] textarea",
            run: "edit 3.2 ▲ Noise below 60 dB",
        },
        {
            trigger: ".modal .o_field_widget[name=kind] input, .modal .o_field_widget[name=kind] select",
            run: "click",
        },
        {
            content: "It is shown as it was understood",
            trigger: ".modal .o_field_widget[name=preview] td:contains('▲')",
        },
        {
            trigger: ".modal-footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Both stand in the matrix",
            trigger: row("3.2"),
        },
        {
            content: "Answer the starred one",
            trigger: `${row("3.1")} td[name=response]`,
            run: "click",
        },
        {
            trigger: ".o_selected_row td[name=response] textarea",
            run: "edit Two pumps of steel, 48 m³ an hour",
        },
        {
            trigger: ".o_selected_row td[name=evidence] input",
            run: "edit Volume 2, page 31",
        },
        {
            trigger: ".o_list_button_save:first",
            run: "click",
        },
        {
            content: "Choose it, and say that it is met",
            trigger: `${row("3.1")}:not(.o_selected_row) .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: ".o_control_panel button[name=action_comply], .o_list_view button[name=action_comply]",
            run: "click",
        },
        {
            trigger: `${row("3.1")} td[name=status]:contains('No Deviation')`,
        },
        {
            content: "Back on the tender no star is open",
            trigger: ".breadcrumb-item:contains('Boilers') a, .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(.oe_stat_button[name=action_open_stars]))",
        },
        {
            trigger: ".oe_stat_button[name=action_clauses]:contains('2')",
        },
    ],
});
