import { registry } from "@web/core/registry";

import { choose, save } from "./kams_steps";

const field = (name) => `.o_form_view .o_field_widget[name=${name}]`;

const link = (name, value) => [
    { trigger: `${field(name)} input`, run: `edit ${value}` },
    { trigger: `.ui-autocomplete > li > a:contains('${value}')`, run: "click" },
];

const person = (name, { type, stars, political, attitude, coverage, chief }) => [
    ...link("partner_id", name),
    ...choose("mh_role", type),
    { trigger: `${field("influence")} .o_priority_star[aria-label^='${stars}']`, run: "click" },
    ...choose("political", political),
    ...(attitude ? choose("attitude", attitude) : []),
    ...choose("coverage", coverage),
    ...(chief ? link("reports_to_id", chief) : []),
    ...save(`h2:contains('${name}')`),
];

registry.category("web_tour.tours").add("kams_draw_a_decision_chain", {
    steps: () => [
        {
            trigger: "a[name=kams_development]",
            run: "click",
        },
        {
            trigger: ".btn-sm[name=action_kams_chain]",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent:contains('Nobody stands in the decision chain yet')",
        },
        {
            trigger: ".o_hierarchy_button_add",
            run: "click",
        },
        ...person("Chen Guoqiang", {
            type: "Economic Buyer",
            stars: "5",
            political: "Inner Circle",
            coverage: "Not Met",
        }),
        {
            trigger: ".o_form_button_create",
            run: "click",
        },
        {
            trigger: "h2:contains('New Stakeholder')",
        },
        ...person("Li Ming", {
            type: "Technical Buyer",
            stars: "3",
            political: "In the Political Structure",
            attitude: "Sceptical",
            coverage: "Met Several Times",
            chief: "Chen Guoqiang",
        }),
        {
            trigger: ".o_form_button_create",
            run: "click",
        },
        {
            trigger: "h2:contains('New Stakeholder')",
        },
        ...person("Sun Hong", {
            type: "Coach",
            stars: "2",
            political: "In the Political Structure",
            attitude: "Advocate",
            coverage: "Met in Depth",
            chief: "Li Ming",
        }),
        {
            content: "Back in the chart, all of them are there",
            trigger: ".o_breadcrumb .breadcrumb-item a:contains('Decision Chain')",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Chen Guoqiang'):contains('EB'):contains('Not Met')",
        },
        {
            trigger: ".o_hierarchy_node:contains('Li Ming') button[name=hierarchy_search_subsidiaries]",
            run: "click",
        },
        {
            trigger: ".o_hierarchy_node:contains('Sun Hong'):contains('Advocate')",
        },
        {
            content: "The deal says how the chain stands",
            trigger: ".o_breadcrumb .breadcrumb-item a:contains('Boiler retrofit')",
            run: "click",
        },
        {
            trigger: "a[name=kams_development]",
            run: "click",
        },
        {
            trigger: `${field("kams_map_status")}:contains('Amber')`,
        },
        {
            content: "See everybody on one page, what is missing, and open the chief",
            trigger: "button[name=action_kams_chain_map]",
            run: "click",
        },
        {
            trigger: `${field("kams_chain_advice")}:contains('The economic buyer, Chen Guoqiang, has not been met.')`,
        },
        {
            trigger: ".kams_chain_map .kams_chain_row:contains('Chen Guoqiang')",
            run: "click",
        },
        {
            content: "He was met, and he is for us",
            trigger: "h2:contains('Chen Guoqiang')",
        },
        ...choose("attitude", "Supportive"),
        ...choose("coverage", "Met Briefly"),
        ...save(),
    ],
});
