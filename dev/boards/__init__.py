"""The dashboards that ship with the addon, in the order in which they stand."""

from dev.boards.accounts import ACCOUNTS
from dev.boards.bids import BIDS
from dev.boards.cash import CASH
from dev.boards.forecast import FORECAST
from dev.boards.funnel import FUNNEL
from dev.boards.process import PROCESS

BOARDS = [FUNNEL, FORECAST, ACCOUNTS, BIDS, CASH, PROCESS]
