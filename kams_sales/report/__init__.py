from . import kams_account_sales
