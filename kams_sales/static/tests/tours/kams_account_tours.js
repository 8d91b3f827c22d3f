import { registry } from "@web/core/registry";

import { save } from "./kams_steps";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("kams_build_a_profile", {
    steps: () => [
        {
            content: "A code with a slip of the pen",
            trigger: ".o_field_widget[name=uscc] input",
            run: "edit 914403001922038261",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is refused, with what is wrong",
            trigger: ".modal-body:contains('Huaneng Power'):contains('business licence')",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=uscc] input",
            run: "edit 9144 0300 1922 0382 16",
        },
        {
            content: "Go on to the environment",
            trigger: ".o_notebook a[name=environment]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_selected_row [name=quadrant] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Strength')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=swot_ids] .o_selected_row [name=statement] input",
            run: "edit Cheap credit",
        },
        {
            content: "Note what was learned",
            trigger: ".o_notebook a[name=items]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=profile_item_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=key] input",
            run: "edit Who signs",
        },
        {
            trigger: ".modal .o_field_widget[name=value] textarea",
            run: "edit The vice president",
        },
        {
            trigger: ".modal .o_field_widget[name=source] input",
            run: "edit Ms Li",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=profile_item_ids] .o_data_row:contains('Who signs')",
        },
        ...save(),
        {
            content: "Everything was looked through",
            trigger: "button[name=action_confirm_profile]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=valid_until]",
        },
    ],
});

registry.category("web_tour.tours").add("kams_open_the_portfolio", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Begin where everybody begins",
            trigger: ".o_app[data-menu-xmlid='kams_sales.kams_menu_root']",
            run: "click",
        },
        {
            trigger: "button[data-menu-xmlid='kams_sales.kams_menu_reporting']",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu a[data-menu-xmlid='kams_sales.kams_menu_portfolio']",
            run: "click",
        },
        {
            content: "Both customers are there; the one that costs more than it brings is told apart",
            trigger: ".o_kams_bubble_bad[title^='Huaneng Power']",
        },
        {
            content: "Look at who earns how much",
            trigger: ".o_field_widget[name=axes] label:contains('Contribution')",
            run: "click",
        },
        {
            content: "The picture is another",
            trigger: ".o_kams_portfolio_y:contains('Contribution')",
        },
        {
            content: "Go down to the account",
            trigger: ".o_kams_bubble[title^='Huaneng Power']",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=partner_id] input:value('Huaneng Power')",
        },
        {
            content: "Its page says why",
            trigger: ".o_notebook a[name=value]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=gross_margin_12m]:contains('-250.00')",
        },
    ],
});
