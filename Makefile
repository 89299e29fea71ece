# Needs Go, git and make. "make test" also needs PostgreSQL, Chromium and node; it
# installs them from Debian's packages where it may, or says what to install.

# No C compiler, and one build cache for programs and tests.
export CGO_ENABLED = 0

.PHONY: run test build generate lint bench screenshots clean

run: build ## builds, then serves a platform with demo data on this machine
	@bin/clew dev $(ARGS)

build: ## leaves bin/clew; a release gives VERSION=
	@mkdir -p bin
	go build -buildvcs=false -ldflags "-s -w$(if $(VERSION), -X main.version=$(VERSION))" -o bin/clew .

test: ## every test: SQLite, a real PostgreSQL, a real Chromium
	@scripts/test

lint: ## the checks of "make test" that run no test
	@scripts/test lint

generate: ## pages from *.templ, the widget and the mini-program packages from TypeScript; all results are kept in git
	go tool templ generate
	go generate ./...

bench: build ## intake over loopback beside bare grouped inserts, in one run
	@bin/clew bench intake $(ARGS)

screenshots: ## a picture of every page, into bin/screenshots
	@scripts/screenshots

clean: ## removes what the targets above made; the demo's data folder stays
	rm -rf bin widget/node_modules miniprogram/node_modules douyin/sdktest/node_modules
