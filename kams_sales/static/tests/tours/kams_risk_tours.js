import { registry } from "@web/core/registry";

import { choose, save } from "./kams_steps";

const row = (text) => `.o_data_row:contains('${text}')`;

/** A project manager takes the risks of the handover, judges one, and finds it on the map; from there back to it. */
registry.category("web_tour.tours").add("kams_risk_map", {
    steps: () => [
        {
            trigger: ".nav-link[name=risks]",
            run: "click",
        },
        {
            content: "What was handed over goes into the register",
            trigger: "button[name=action_take_risks]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('1 risks were taken over')",
        },
        {
            trigger: ".tab-pane.active button[name=action_risks]",
            run: "click",
        },
        {
            trigger: `${row("No crane on site")} td[name=name_short]`,
            run: "click",
        },
        ...choose("probability", "4 Likely"),
        ...choose("impact", "5 Ruins the Delivery"),
        {
            content: "Nobody has said yet what is done about it",
            trigger: ".alert-danger:contains('no action')",
        },
        ...choose("response", "Mitigate the Risk"),
        {
            trigger: ".o_field_widget[name=action] textarea",
            run: "edit Rent one",
        },
        {
            content: "Said once the field is left",
            trigger: ".o_field_widget[name=cause] textarea, .o_field_widget[name=cause] input",
            run: "click",
        },
        {
            trigger: "body:not(:has(.alert-danger:contains('no action')))",
        },
        ...save(".o_field_widget[name=level]:contains('High Risk')"),
        {
            content: "Back to the delivery, and to its map",
            trigger: ".breadcrumb-item:contains('Cooling towers') a",
            run: "click",
        },
        {
            trigger: ".nav-link[name=risks]",
            run: "click",
        },
        {
            trigger: ".tab-pane.active button[name=action_risk_map]",
            run: "click",
        },
        {
            content: "It stands where it is likely and ruinous",
            trigger: ".o_field_widget[name=map] td[data-place='45'].kams_risk_high a:contains('R1')",
        },
        {
            content: "When the actions have worked it may stand elsewhere",
            trigger: ".o_field_widget[name=when] label:contains('When the Actions Have Worked')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=map] td[data-place='45'] a",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=action] textarea:value('Rent one')",
        },
    ],
});
