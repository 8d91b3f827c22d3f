import { registry } from "@web/core/registry";

const row = (text) => `.o_data_row:contains('${text}')`;
const dialog = ".modal:not(.o_inactive_modal)";

const openMine = [
    {
        content: "What waits for me is all there is",
        trigger: `${row("Gas retrofit")} td[name=display_name]`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("kams_apply_for_initiation", {
    steps: () => [
        {
            trigger: ".nav-link[name=kams_initiation]",
            run: "click",
        },
        {
            trigger: "button[name=action_kams_apply_initiation]",
            run: "click",
        },
        {
            content: "The deal has filled in what it knows",
            trigger: ".o_field_widget[name=need] textarea:value('Two boilers are to run on gas')",
        },
        {
            trigger: ".o_field_widget[name=presales_days] input",
            run: "edit 20",
        },
        {
            trigger: ".o_field_widget[name=background] textarea",
            run: "edit The province closes small coal units",
        },
        {
            trigger: "button[name=action_submit]",
            run: "click",
        },
        {
            content: "Reviewers are being waited for",
            trigger: '.alert:contains("hasn\'t voted yet")',
        },
    ],
});

registry.category("web_tour.tours").add("kams_agree_to_a_review", {
    steps: () => [
        ...openMine,
        {
            trigger: ".nav-link[name=facts]",
            run: "click",
        },
        {
            trigger: ".o_kams_review_facts:contains('Huaneng Power'), .o_kams_review_facts:contains('Customer')",
        },
        {
            trigger: "button[name=action_vote]:contains(/^Agree$/)",
            run: "click",
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: "button[name=action_vote]:contains('Change My Vote')",
        },
    ],
});

registry.category("web_tour.tours").add("kams_agree_on_conditions", {
    steps: () => [
        ...openMine,
        {
            trigger: "button[name=action_vote]:contains('Agree on Conditions')",
            run: "click",
        },
        {
            trigger: `${dialog} .o_field_widget[name=opinion] textarea`,
            run: "edit The bond ties up too much",
        },
        {
            trigger: `${dialog} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            trigger: `${dialog} .o_selected_row [name=name] textarea`,
            run: "edit Half of the bond by the partner",
        },
        {
            trigger: `${dialog} .o_selected_row [name=date_due] input`,
            run: "edit 12/31/2030",
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: "button[name=action_vote]:contains('Change My Vote')",
        },
    ],
});

registry.category("web_tour.tours").add("kams_decide_a_review", {
    steps: () => [
        {
            trigger: ".nav-link[name=scorecard]",
            run: "click",
        },
        {
            trigger: "button[name=action_score]",
            run: "click",
        },
        ...["80", "70", "60", "90", "50"].flatMap((points, place) => [
            {
                trigger: `${dialog} .o_data_row:eq(${place}) td[name=answer]`,
                run: "click",
            },
            {
                trigger: `${dialog} .o_data_row:eq(${place}).o_selected_row [name=answer] input`,
                run: `edit ${points}`,
            },
        ]),
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            content: "Nothing is missing any more",
            trigger: ".o_form_view:not(:has(.alert:contains('Before it can be decided')))",
        },
        {
            trigger: "button[name=action_decide]",
            run: "click",
        },
        {
            content: "The condition makes it a conditional yes",
            trigger: `${dialog} .o_field_widget[name=outcome] input[data-value=conditional]:checked`,
        },
        {
            trigger: `${dialog} .o_field_widget[name=minutes] textarea`,
            run: "edit All agreed once the bond is shared",
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Approved on Conditions')",
        },
    ],
});

registry.category("web_tour.tours").add("kams_close_a_condition", {
    steps: () => [
        {
            trigger: `${row("Half of the bond")} button[name=action_close]`,
            run: "click",
        },
        {
            trigger: `${dialog} .o_field_widget[name=note] textarea`,
            run: "edit Letter of the partner of 12 November",
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            content: "It is no longer among the open ones",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('Half of the bond'))), .o_view_nocontent",
        },
    ],
});
