import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

const page = (name) => ({ trigger: `.nav-link[name=${name}]`, run: "click" });
const type = (name, text) => ({
    trigger: `.o_field_widget[name=${name}] input`,
    run: `edit ${text}`,
});

registry.category("web_tour.tours").add("kams_write_a_proposal", {
    steps: () => [
        {
            content: "It says from the start what is missing",
            trigger: ".alert-warning:contains('Red Team: nobody was asked')",
        },
        page("trace"),
        {
            content: "A must that no chapter answers is pointed out",
            trigger: ".alert-danger:contains('1 musts are answered by no chapter')",
        },
        {
            trigger: ".o_field_widget[name=trace_page] td:contains('Cold start')",
        },
        page("benefits"),
        type("one_off_cost", "3000000"),
        type("annual_benefit", "1800000"),
        type("years", "3"),
        type("discount_rate", "10"),
        ...save(),
        {
            content: "The method's worked example",
            trigger: ".o_field_widget[name=roi]:contains('80.0')",
        },
        {
            trigger: ".o_field_widget[name=payback]:contains('1.67')",
        },
        {
            trigger: ".o_field_widget[name=npv]:contains('1,476,333.58')",
        },
        page("reviews"),
        {
            trigger: "button[name=action_ask_red]",
        },
        page("submission"),
        {
            trigger: ".o_field_widget[name=submitted_to_id] input",
            run: "edit Zhang",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Zhang Wei')",
            run: "click",
        },
        ...save(),
        {
            content: "One thing less is missing",
            trigger: ".alert-warning:not(:contains('Nobody of the customer'))",
        },
    ],
});

registry.category("web_tour.tours").add("kams_submit_a_proposal", {
    steps: () => [
        {
            trigger: "button.btn-primary[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Submitted')",
        },
        page("submission"),
        {
            trigger: ".o_field_widget[name=submitted_at]",
        },
        {
            trigger: ".o_field_widget[name=customer_feedback] textarea",
            run: "edit They like it",
        },
        ...save(),
        page("chapters"),
        {
            content: "What went out can't be changed",
            trigger: ".o_field_widget[name=chapter_ids]:not(:has(.o_field_x2many_list_row_add))",
        },
    ],
});
