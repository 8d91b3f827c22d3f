import { registry } from "@web/core/registry";

const dialog = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("kams_refuse_an_acceptance", {
    steps: () => [
        {
            trigger: "button[name=action_hold]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Inspected')",
        },
        {
            trigger: "button[name=action_refuse]",
            run: "click",
        },
        {
            trigger: `${dialog} .o_field_widget[name=reason] textarea`,
            run: "edit Pump 2 leaks",
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            content: "The refusal and its reason are read at once",
            trigger: ".alert:contains('Pump 2 leaks')",
        },
        {
            trigger: "button[name=action_again]",
            run: "click",
        },
        {
            content: "The next attempt, open again",
            trigger: ".o_field_widget[name=attempt]:contains('2')",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('To Be Inspected')",
        },
    ],
});

registry.category("web_tour.tours").add("kams_sign_an_acceptance", {
    steps: () => [
        {
            trigger: "button[name=action_sign]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Certificate Signed')",
        },
        {
            content: "The payment that waited for it",
            trigger: "button[name=action_payments]",
            run: "click",
        },
        {
            content: "It is due, and there is a draft invoice",
            trigger: ".o_data_row:contains('To Invoice')",
        },
    ],
});
