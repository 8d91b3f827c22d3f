import { registry } from "@web/core/registry";

const field = (name) => `.o_field_widget[name=${name}]`;

registry.category("web_tour.tours").add("kams_register_a_tender", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: `${field("name")} input`,
            run: "edit Boiler island",
        },
        {
            trigger: `${field("lead_id")} input`,
            run: "edit Gas retrofit",
        },
        {
            trigger: ".ui-menu-item a:contains('Gas retrofit')",
            run: "click",
        },
        {
            content: "The deal says under which law it falls",
            trigger: `${field("legal_regime")} :value('Bidding Law')`,
        },
        {
            trigger: `${field("issued_at")} input`,
            run: "edit 03/02/2026",
        },
        {
            trigger: `${field("doc_end")} input`,
            run: "edit 03/09/2026",
        },
        {
            trigger: `${field("bid_deadline")} input`,
            run: "edit 03/18/2026 09:30:00",
        },
        {
            trigger: `${field("number")} input`,
            run: "edit ZB-2026-1",
        },
        {
            content: "Bids are opened when they are due, and the law is broken",
            trigger: `${field("findings_page")}:contains('Unlawful'):contains('招标投标法 24')`,
        },
        {
            content: "The day that would be right stands beside the date",
            trigger: `.alert:has(${field("bid_deadline_finding")}) button[name=action_use_lawful_date]`,
            run: "click",
        },
        {
            trigger: `${field("dates_state")}:contains(/^Lawful$/)`,
        },
        {
            content: "What comes next is told",
            trigger: ".alert [name=next_kind]",
        },
    ],
});
