import { registry } from "@web/core/registry";

const answer = (question) => `.o_data_row.o_selected_row:contains('${question}') [name=answer] input`;

registry.category("web_tour.tours").add("kams_score_an_account", {
    steps: () => [
        {
            trigger: ".oe_stat_button:contains('Scorecards')",
            run: "click",
        },
        {
            trigger: ".breadcrumb-item.active:contains('Scorecards'), .o_breadcrumb:contains('Scorecards')",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Choose what is judged",
            trigger: ".o_field_widget[name=template_id] input",
            run: "edit Customer value",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains('Customer value')",
            run: "click",
        },
        {
            content: "The cursor stands in the first answer; the keyboard does the rest",
            trigger: answer("Current value"),
            run: "edit 70 && press Enter",
        },
        {
            trigger: answer("Potential"),
            run: "edit 900 && press Enter",
        },
        {
            content: "What would be refused is said at once",
            trigger: ".alert:contains('900 is off the scale of 0 to 100')",
        },
        {
            trigger: ".o_data_row:contains('Potential') td[name=answer]",
            run: "click",
        },
        {
            trigger: answer("Potential"),
            run: "edit 90 && press Enter",
        },
        {
            trigger: answer("Strategic value"),
            run: "edit 80 && press Enter",
        },
        {
            trigger: answer("Cost and risk"),
            run: "edit 60 && press Enter",
        },
        {
            content: "The result is there before anything is saved",
            trigger: ".o_field_widget[name=score]:contains('77.0')",
        },
        {
            trigger: ".o_field_widget[name=band]:contains('A')",
        },
        {
            trigger: "button[name=action_done]",
            run: "click",
        },
        {
            trigger: "button[name=action_score_again]",
        },
    ],
});
