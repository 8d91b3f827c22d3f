# kams_sales: everything below is done by the Python in dev/; no target needs anything before it.
PYTHON ?= python3
export ODOO PORT T
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help run test lint fmt bench dashboards shell i18n up down reset
.DEFAULT_GOAL := help

help: ## what there is
	@echo 'make run     Odoo 19 with kams_sales and demo data on http://127.0.0.1:8069'
	@echo '             PORT=8070: on another port'
	@echo 'make test    all tests, browser tours and linters; T=file or T=words: only those, quickly'
	@echo 'make lint    the linters; make fmt: let them mend what they can'
	@echo 'make bench   measure kams_sales against plain Odoo'
	@echo 'make shell   a Python prompt on the database of make run'
	@echo 'make dashboards   write the spreadsheet dashboards anew from dev/boards'
	@echo 'make i18n    bring new terms into the translation'
	@echo 'make up      start PostgreSQL and leave it running; make down: stop it'
	@echo 'make reset   drop databases and cluster; downloads stay in ~/.cache/kams_sales'
	@echo 'ODOO=<folder of an Odoo 19> and PGHOST=<server> use what is there already.'

run test lint fmt bench dashboards shell i18n up down reset:
	@exec $(PYTHON) -m dev $@
