# The one place that says how SpaceWatch is built, tested and measured.

.PHONY: help demo test lint rust-test web-test browser-test interop-test gateway-test prometheus-test docs bench

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Build and start the demo
	cargo run -- demo

test: rust-test web-test browser-test interop-test gateway-test prometheus-test ## Run all tests; those whose tools are missing say so

rust-test: ## Unit, property and integration tests, and the examples in the documentation
	cargo test --workspace

web-test: ## Type check, lint and unit tests of the pages
	scripts/web-test

browser-test: ## The pages of a running demo in headless Chromium
	scripts/browser-test

interop-test: ## Other people's S3 clients against the in-process store, and an MCP client against the program
	scripts/interop-test

gateway-test: ## Our client against a real Ceph object gateway
	scripts/gateway-test

prometheus-test: ## What deploy/ gives to Prometheus and Grafana, with a real Prometheus
	scripts/prometheus-test

lint: ## What must be clean before a commit
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo deny --log-level error check bans licenses sources

bench: ## Measure against what users would use instead; results go to bench/results
	bench/run
