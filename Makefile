# `make up` and `make test` set up all they need themselves; README.md says what each target is for.
.PHONY: up test chaos bench bench-scale load screens bundle synth deploy smoke promote rollback lock setup setup-test format clean
.DEFAULT_GOAL := up

setup:
	@bash scripts/setup.sh run

setup-test:
	@bash scripts/setup.sh test

up: setup
	.venv/bin/atp up

test: setup-test
	@bash scripts/check.sh

chaos: setup-test
	.venv/bin/python -m tests.chaos --days 200 --jobs 2

bench: setup-test
	.venv/bin/python -m bench

bench-scale: setup-test
	.venv/bin/python -m bench.scale

load: setup-test
	.venv/bin/python -m bench.load

bundle: setup-test
	.venv/bin/python -m scripts.bundle --stage $(or $(STAGE),dev)

synth: bundle
	.venv/bin/python -m infra.app --stage $(or $(STAGE),dev) --out dist/cdk

deploy: synth
	@.venv/bin/python -m scripts.deploy --stage $(or $(STAGE),dev) --assembly dist/cdk

format: setup-test
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

smoke: setup-test
	@.venv/bin/python -m scripts.smoke $(URL)

promote: setup-test
	@.venv/bin/python -m scripts.pipeline promote --from $(or $(FROM),dev) --to $(or $(TO),prod)

rollback: setup-test
	@.venv/bin/python -m scripts.release rollback --stage $(or $(STAGE),dev)

lock: setup-test
	bash scripts/lock.sh
	@bash scripts/setup.sh test

screens: setup-test
	.venv/bin/python -m tests.web.screens

clean:
	rm -rf web/node_modules web/dist .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
