import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

/** A salesperson makes the call, locks the forecast, and finds the deals as they were. */
registry.category("web_tour.tours").add("kams_lock_forecast", {
    steps: () => [
        {
            content: "What is committed to is shown while it can still be changed",
            trigger: ".o_field_widget[name=commit_amount]:contains('100,000')",
        },
        {
            trigger: ".o_field_widget[name=own_call] input",
            run: "edit 120000",
        },
        ...save(),
        {
            trigger: "button[name=action_lock]",
            run: "click",
        },
        {
            content: "Locking is final, so it is asked for",
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value=locked]",
        },
        {
            trigger: ".o_field_widget[name=forecast]:contains('120,000')",
        },
        {
            content: "Nobody changes the call any more",
            trigger: ".o_field_widget[name=own_call].o_readonly_modifier",
        },
        {
            trigger: "button[name=action_deals]",
            run: "click",
        },
        {
            trigger: ".o_group_header:contains('Commit')",
            run: "click",
        },
        {
            content: "From there to the deal",
            trigger: ".o_data_row td:contains('Gas turbine')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name]:contains('Gas turbine'), .o_form_view textarea",
        },
    ],
});
