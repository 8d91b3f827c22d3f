import { registry } from "@web/core/registry";

/** A director asks what changed in February and March, sees the bars, and goes from one of them to its deal. */
registry.category("web_tour.tours").add("kams_pipeline_change", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=date_from] .o_input",
            run() {
                this.anchor.focus(); // a date shows as a button until it has the focus
            },
        },
        {
            trigger: ".o_field_widget[name=date_from] input",
            run: "edit 02/01/2026",
        },
        {
            trigger: ".o_field_widget[name=date_to] .o_input",
            run() {
                this.anchor.focus(); // a date shows as a button until it has the focus
            },
        },
        {
            trigger: ".o_field_widget[name=date_to] input",
            run: "edit 03/31/2026",
        },
        {
            trigger: "button[name=action_show]",
            run: "click",
        },
        {
            content: "Each bar begins where the one before ended",
            trigger: ".o_data_row:contains('Pipeline at the End')",
        },
        {
            content: "What was raised leads to its deals",
            trigger: ".o_data_row:contains('Raised') td[name=kind]",
            run: "click",
        },
        {
            content: "A deal and by how much",
            trigger: ".o_data_row:contains('Retrofit of the tour'):contains('2,000.00') td[name=lead_name]",
            run: "click",
        },
        {
            content: "The deal itself; and back, as the browser goes",
            trigger: ".o_form_view .o_field_widget[name=name]",
            run: () => history.back(),
        },
        {
            content: "Not the bars, nor all changes: what was raised",
            trigger: ".o_list_view:not(:has(td[name=kind]:not(:contains('Raised')))) .o_data_row:contains('2,000.00')",
        },
    ],
});
