import { registry } from "@web/core/registry";

const dialog = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("kams_ask_for_opinions", {
    steps: () => [
        {
            trigger: "button[name=action_ask_review]",
            run: "click",
        },
        {
            content: "The review knows its contract and its committee",
            trigger:
                ".o_field_widget[name=contract_id]:contains('Gas retrofit'), .o_field_widget[name=contract_id] input",
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

registry.category("web_tour.tours").add("kams_decide_a_contract", {
    steps: () => [
        {
            trigger: "button[name=action_decide]",
            run: "click",
        },
        {
            content: "Three voices make a yes",
            trigger: `${dialog} .o_field_widget[name=outcome] input[data-value=approved]:checked`,
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Approved')",
        },
    ],
});

registry.category("web_tour.tours").add("kams_sign_a_contract", {
    steps: () => [
        {
            content: "What is missing is said before anybody asks",
            trigger: ".alert:contains('Before it can be signed')",
        },
        {
            trigger: "button[name=action_compare_text]",
            run: "click",
        },
        {
            trigger: `${dialog} .modal-footer .btn-primary`,
            run: "click",
        },
        {
            trigger: "body:not(:has(button[name=action_compare_text]))",
        },
        {
            trigger: ".nav-link[name=parties]",
            run: "click",
        },
        {
            content: "Sealed, on a day that has come",
            trigger: ".o_field_widget[name=sealed] input",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.alert:contains('Before it can be signed')))",
        },
        {
            trigger: "button[name=action_sign].btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Signed')",
        },
    ],
});
