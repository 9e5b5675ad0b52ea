# Every recipe calls a program that can be called without make as well. Coverage is counted where single parts
# are tested; what looks at all of it, invariants and simulated worlds run without, two to three times faster.

PYTHON := .venv/bin/python
SOURCES := backend local tests benchmarks
# Programs of frontend/ run by the pinned Node.
NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
NPM := $(NODE) npm --prefix frontend run --silent
COVERING := tests/unit tests/contract tests/functional
WORLDS := tests/property/alerts tests/property/metrics/store_world
# How many worlds of each kind a night tries, and in how many it looks for each mutant.
NIGHTLY := SKAFU_TRIALS=1000 SKAFU_MUTANT_TRIALS=100
# A folder for reports of the tests, as `make reports` sets it.
JUNIT ?=
# Delivery: which environment, its stack's roles (infrastructure/delivery.yaml), the AWS profile that reads in the environment below,
# and the artefact, if it is not the one of this commit. What people write (REASON, LINK) reaches commands as variables of the shell alone.
ENVIRONMENT ?= development
ROLE_ARN ?=
BOUNDARY_ARN ?=
BELOW_PROFILE ?=
HERE := $(dir $(abspath $(firstword $(MAKEFILE_LIST))))
FIELD = $(shell sed -n 's/^$(1): *\([a-z]*\).*/\1/p' '$(HERE)environments/$(ENVIRONMENT).yaml' 2>/dev/null)
PROMOTED_FROM := $(call FIELD,promoted_from)
BELOW := $(or $(PROMOTED_FROM),development)
NAMED = $(eval NAMED := .artefact/$(shell $(PYTHON) -m skafu.ops identity))$(NAMED)
ARTEFACT ?= $(firstword $(wildcard $(NAMED) $(NAMED).zip) $(NAMED))
# Gates out of an environment of a stage, and the reports that decide them.
GATES_development := unit=quick.xml,others.xml integration=integration.xml security=bandit.json,security.json performance=bench.json review=review.json
GATES_staging := end_to_end=smoke.json load=load.json security_assessment=assessment.json rollback_plan=rollback.json
COMMA := ,
# What to tell pytest, as in `make test PYTEST='-k replay'`.
PYTEST ?=
# Where Python is told to write no bytecode, each of some hundred processes would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
# A registry is never named: whoever installs uses their own.
PIN := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.12

.DEFAULT_GOAL := help
.PHONY: help setup up dev down status logs session reset backfill replay sam-local sam-local-image check check-sources check-format check-lint check-types check-security console-check test test-quick test-integration test-console e2e nab demo-incident nightly nightly-worlds nightly-builds nightly-lighthouse audit security quality sonar reports report-tests report-security report-performance assess build identity fetch provenance plan comment deploy standby ready smoke health load review evidence rollback rollback-plan announce profile rehearse drill bench bench-growth cost generate lock

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the environments (Python, Node, the emulator), or change what has changed
	@python3.12 local/environments.py

up: setup ## Run the whole system on an embedded AWS (SKAFU_PORT, default 4566; SKAFU_HOME, default .local)
	@$(PYTHON) -m local up

dev: setup ## Serve the console from its sources, with hot reload, on what `make up` runs (SKAFU_DEV_PORT, default 5173)
	@exec $(PYTHON) -m local dev

down: setup ## Stop it; what was stored stays
	@$(PYTHON) -m local down

status: setup ## What runs, this machine's latest metrics, the alerts' states
	@$(PYTHON) -m local status

logs: setup ## Follow the logs; FUNCTION=metrics follows one function's
	@$(PYTHON) -m local logs --function '$(FUNCTION)'

session: setup ## Print shell variables for calling the API: eval "$(make -s session)"
	@$(PYTHON) -m local session

reset: setup ## Stop it and delete what was stored
	@$(PYTHON) -m local reset

backfill: setup ## Send FILE (timestamp,value) as history that ends now; METRIC names it
	@$(PYTHON) -m local backfill --file '$(FILE)' --metric '$(METRIC)'

replay: setup ## Send FILE live, a value every STEP seconds; START (row or time), COUNT, METRIC
	@$(PYTHON) -m local replay --file '$(FILE)' --metric '$(METRIC)' --step $(or $(STEP),1) --start '$(or $(START),0)' $(if $(COUNT),--count $(COUNT))

sam-local: setup ## Serve the API with `sam local start-api` (needs a Docker engine and `make up`); OPTIONS go to it
	@exec $(PYTHON) -m local.sam_local $(OPTIONS)

sam-local-image: setup ## Make a stand-in for AWS's Python image: SAM_LOCAL_IMAGE=skafu-lambda-python:3.12
	@exec $(PYTHON) -m local.sam_local image

check: setup ## Formatting, lint, types, security
	@$(MAKE) --no-print-directory --keep-going --jobs 2 check-lint check-format check-types check-security

check-format:
	@.venv/bin/black --check --quiet $(SOURCES)

# In one process: each further one works out for itself what the others know.
check-lint:
	@.venv/bin/pylint --jobs 1 $(SOURCES)

check-types:
	@.venv/bin/mypy $(SOURCES)

check-security:
	@.venv/bin/bandit --quiet --recursive --configfile pyproject.toml backend local benchmarks

# checkov is large, so that nothing but this installs it. Where no advisories can be reached that is told; AUDITED=1 fails then.
security: setup ## Scan templates, code, tracked files for secrets, what functions are made of, known vulnerabilities; .reports/security.md
	@python3.12 local/environments.py checkov
	@$(PYTHON) -m skafu.ops scan $(if $(AUDITED),--audited) $(OPTIONS)

console-check: setup ## The console: lint, types, generated types, unit tests, build, budgets
	@for script in lint typecheck codegen:check test:ci; do $(NPM) $$script || exit 1; done
	@$(PYTHON) -m local.console
	@$(NPM) budget

test: check-sources test-quick quality test-integration test-console ## Everything that CI runs, the quickest first

# Side by side: pylint has one core for two minutes and leaves the other to everybody else. Bandit is among the scans of `security`.
check-sources: setup
	@$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync=target check-lint console-check check-types security check-format

test-quick: setup ## Every test that needs no deployed stack; unit, contract and functional tests with coverage
	@.venv/bin/pytest $(COVERING) --cov --cov-report=term --cov-report=xml:.reports/coverage.xml --numprocesses auto --dist worksteal $(JUNIT:%=--junitxml=%/quick.xml) $(PYTEST)
	@.venv/bin/pytest tests --ignore=tests/integration --ignore=tests/e2e $(COVERING:%=--ignore=%) --numprocesses auto --dist worksteal $(JUNIT:%=--junitxml=%/others.xml) $(PYTEST)

test-integration: setup ## The deployed stack, on an embedded AWS of its own (.test)
	@.venv/bin/pytest tests/integration $(JUNIT:%=--junitxml=%/integration.xml) $(PYTEST)

test-console: setup ## The console in a real browser, on a deployed stack of its own (.test); screenshots in .test/screenshots
	@$(PYTHON) -m tests.console $(if $(JOURNEYS),npx playwright test $(JOURNEYS))

e2e: setup ## Play FILE as a live incident against the running system: alerts, webhooks, history, delays (START, COUNT, STEP)
	@FILE='$(FILE)' START='$(or $(START),0)' COUNT='$(COUNT)' STEP='$(or $(STEP),1)' .venv/bin/pytest tests/e2e/test_replayed_incident.py $(PYTEST)

demo-incident: setup ## Play a night on call on the running system with the recordings in DIR: pages, groups, silences, escalates, resolves, explains
	@$(PYTHON) -m local incident --dir '$(DIR)'

nab: setup ## Send, compact and recompute every CSV file in DIR (timestamp,value), on the running system
	@DIR='$(DIR)' .venv/bin/pytest tests/e2e/test_nab.py $(PYTEST)

nightly: setup ## What CI runs each night, hours of it: thousands of simulated worlds, two builds of one commit, Lighthouse, the audit
	@$(MAKE) --keep-going nightly-worlds nightly-builds nightly-lighthouse audit

nightly-worlds: setup ## Thousands of simulated worlds of the alerts and of the store, and a fault at every call
	@$(NIGHTLY) .venv/bin/pytest $(WORLDS) --numprocesses auto --dist worksteal $(PYTEST)
	@SKAFU_EVERY_CALL=1 .venv/bin/pytest tests/property/alerts/test_faults_of_the_table.py --numprocesses auto $(PYTEST)

nightly-builds: setup ## Two builds of one commit are the same bytes
	@.venv/bin/pytest tests/delivery/test_two_builds.py $(PYTEST)

nightly-lighthouse: setup ## Measure the deployed console with Lighthouse: performance is reported, accessibility and best practices are asserted
	@$(PYTHON) -m tests.console npm run --silent lighthouse

audit: setup ## Look up known vulnerabilities of all pinned packages; fails where no advisories can be reached
	@$(NODE) $(PYTHON) -m skafu.ops scan --audited --only pip-audit --only npm-audit --reports .reports/audit

quality: setup ## Hold the reports of `make console-check`, `make test-quick` and `make security` to the quality gate (security/quality-gate.yaml); SERVER=1 makes it on SONAR_HOST_URL
	@$(PYTHON) -m skafu.ops quality $(if $(SERVER),--server)

sonar: setup ## Send sources and reports to SonarQube (SONAR_HOST_URL, SONAR_TOKEN), and wait for its gate
	@python3.12 local/environments.py sonar
	@$(PYTHON) -m skafu.ops quality --server
	@.local/tools/sonar/bin/pysonar

reports: setup ## Write what the gates out of development take (docs/delivery.md) into .reports
	@$(MAKE) report-tests report-security report-performance

report-tests: setup
	@$(MAKE) test-quick test-integration JUNIT=.reports

report-security: security

report-performance: bench
	@mkdir -p .reports
	@cp .local/bench.json .reports/bench.json

assess: setup ## Assess the security of ARTEFACT's sources, into .reports/assessment.json; fails where something was found or nobody could be asked
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops assess --artefact '$(ARTEFACT)' --report .reports/assessment.json

build: setup ## Build the artefact that every environment gets, in .artefact/<identity>; OPTIONS go to it (--dirty, --architecture)
	@$(PYTHON) -m skafu.ops build $(OPTIONS)

identity: setup ## Print the name of this commit's artefact
	@$(PYTHON) -m skafu.ops identity

fetch: setup ## Fetch this commit's artefact from the environment below ENVIRONMENT, where it was tested (BELOW_PROFILE)
	@$(PYTHON) -m skafu.ops fetch --environment '$(BELOW)' --identity '$(notdir $(NAMED))' $(if $(BELOW_PROFILE),--profile '$(BELOW_PROFILE)')

provenance: setup ## Check that ARTEFACT was built by the workflow of REPOSITORY (ORG/REPO)
	@$(PYTHON) -m skafu.ops provenance --artefact '$(ARTEFACT)' --repository "$$REPOSITORY"

plan: setup ## Write what deploying ARTEFACT to ENVIRONMENT would change into .reports/changes.md
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops diff --environment '$(ENVIRONMENT)' --artefact '$(ARTEFACT)' --markdown > .reports/changes.md

comment: setup ## Comment on PULL_REQUEST with .reports/changes.md
	@$(PYTHON) -m skafu.ops comment --pull-request "$$PULL_REQUEST" --name change-set --report .reports/changes.md

deploy: setup ## Deploy ARTEFACT to ENVIRONMENT, to one that is promoted from another (staging, production) only what was tested there; YES=1 asks nobody (ROLE_ARN, BOUNDARY_ARN, BELOW_PROFILE, OPTIONS)
	@$(PYTHON) -m skafu.ops $(if $(PROMOTED_FROM),promote $(if $(YES),--yes),deploy $(if $(YES),--no-confirm-changeset)) --environment '$(ENVIRONMENT)' --artefact '$(ARTEFACT)' $(if $(BELOW_PROFILE),--below-profile '$(BELOW_PROFILE)') $(if $(ROLE_ARN),--role-arn '$(ROLE_ARN)') $(if $(BOUNDARY_ARN),--parameter 'PermissionsBoundaryArn=$(BOUNDARY_ARN)') $(OPTIONS)

standby: setup ## Have the region that stands by run what ENVIRONMENT's home region runs; nothing where it has one region; YES=1 asks nobody (ROLE_ARN, BOUNDARY_ARN, OPTIONS)
	@$(PYTHON) -m skafu.ops failover standby --environment '$(ENVIRONMENT)' $(if $(YES),--yes) $(if $(ROLE_ARN),--role-arn '$(ROLE_ARN)') $(if $(BOUNDARY_ARN),--parameter 'PermissionsBoundaryArn=$(BOUNDARY_ARN)') $(OPTIONS)

# Both, whatever becomes of the first: who cannot sign in there is one thing, another release is another.
ready: setup ## Make who is missing in the user pool that stands by, and look whether that region could take over from ENVIRONMENT's home region now
	@code=0; $(PYTHON) -m skafu.ops failover prepare --environment '$(ENVIRONMENT)' || code=1; $(PYTHON) -m skafu.ops failover --environment '$(ENVIRONMENT)' --dry-run || code=1; exit $$code

smoke: setup ## Exercise what ENVIRONMENT runs, from inside and from outside; FULL=1 has an alert fire; report in .reports/smoke.json
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops smoke --environment '$(ENVIRONMENT)' --report .reports/smoke.json $(if $(FULL),--full)
	@found="$$($(PYTHON) -m skafu.ops addresses --environment '$(ENVIRONMENT)')" && env $$found $(NPM) test:smoke

health: setup ## Wait until ENVIRONMENT's API says that it is well
	@found="$$($(PYTHON) -m skafu.ops addresses --environment '$(ENVIRONMENT)')" && env $$found $(NPM) test:health

load: setup ## Put ENVIRONMENT under the load that delivery/load.yaml names; report in .reports/load.json
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops load --environment '$(ENVIRONMENT)' --report .reports/load.json

review: setup ## Write how this commit was reviewed into .reports/review.json
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops review --commit "$$(git rev-parse HEAD)" --report .reports/review.json

# A gate that is not passed says why; which ones lack, `tested` says and fails by.
evidence: setup ## Record what .reports proves of ARTEFACT in ENVIRONMENT, and with that let it go on (LINK)
	@$(foreach gate,$(GATES_$(call FIELD,stage)),$(PYTHON) -m skafu.ops evidence --environment '$(ENVIRONMENT)' --artefact '$(ARTEFACT)' --gate $(firstword $(subst =, ,$(gate))) $(patsubst %,--report .reports/%,$(subst $(COMMA), ,$(lastword $(subst =, ,$(gate))))) $${LINK:+--link "$$LINK"};) $(PYTHON) -m skafu.ops tested --environment '$(ENVIRONMENT)' --artefact '$(ARTEFACT)'

rollback: setup ## Roll ENVIRONMENT back, to RELEASE or to what ran before; REASON; DRY_RUN=1 only plans, into .reports/rollback.json; YES=1 asks nobody (ROLE_ARN, OPTIONS)
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops rollback --environment '$(ENVIRONMENT)' $${RELEASE:+--to "$$RELEASE"} $${REASON:+--reason "$$REASON"} $(if $(DRY_RUN),--dry-run --report .reports/rollback.json) $(if $(YES),--yes) $(if $(ROLE_ARN),--role-arn '$(ROLE_ARN)') $(OPTIONS)

rollback-plan: setup ## Write how ENVIRONMENT would come back from ARTEFACT into .reports/rollback.json
	@mkdir -p .reports
	@$(PYTHON) -m skafu.ops rollback --environment '$(ENVIRONMENT)' --dry-run --artefact '$(ARTEFACT)' --report .reports/rollback.json

announce: setup ## Tell DEPLOYMENT_WEBHOOK_URL about ENVIRONMENT: STATUS is success, failure or rolled_back (RELEASE, LINK)
	@$(PYTHON) -m skafu.ops announce --environment '$(ENVIRONMENT)' --status "$$STATUS" $${RELEASE:+--release "$$RELEASE"} $${LINK:+--link "$$LINK"} --commit "$$(git rev-parse HEAD)"

profile: setup ## Keep the credentials in the environment variables as AWS profile NAME
	@$(PYTHON) -m skafu.ops profile --name "$$NAME"

rehearse: setup ## Play the whole delivery on an embedded AWS: three accounts, two regions, bad releases, a rollback, points all the while (.rehearsal)
	@$(PYTHON) -m local.rehearsal

drill: setup ## Damage the table under load and have it back, take a region away and have the other take over, on an embedded AWS; RTO and RPO against their targets (.drill)
	@$(PYTHON) -m local.drill restore
	@$(PYTHON) -m local.drill failover

bench: setup ## Print what Skafu costs, against its budgets
	@$(PYTHON) -m benchmarks

bench-growth: setup ## Print how work grows with series, range and age, and draw docs/growth.svg
	@$(PYTHON) -m benchmarks.growth

cost: setup ## Estimate what ENVIRONMENT=... (or all of them) costs a month under each load of cost/profiles.yaml, or PROFILE; OPTIONS go to it (--json)
	@$(PYTHON) -m skafu.ops cost --environment '$(if $(filter environment command,$(origin ENVIRONMENT)),$(ENVIRONMENT),all)' $(if $(PROFILE),--profile '$(PROFILE)') $(OPTIONS)

generate: setup ## Write the files that are made from others; CHECK=--check only looks
	@for what in environments flag-catalogue openapi data-model security-doc architecture; do $(PYTHON) -m skafu.ops $$what $(CHECK) || exit 1; done

lock: setup ## Pin requirements, with hashes; the layer has the versions that tests run with
	@for file in requirements/*.in; do $(PIN) $$file --output-file $${file%.in}.txt; done
	@$(PIN) layers/powertools/requirements.in --constraints requirements/dev.txt --output-file layers/powertools/requirements.txt
