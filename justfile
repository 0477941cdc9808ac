# What CI runs, and what to run before a commit.

# List the recipes.
default:
    @just --list

# What CI checks on one machine; it also checks the oldest Rust that is supported, and `deny`.
ci: fmt clippy features test beside doc examples

# Formatting.
fmt:
    cargo fmt --all --check

# Lints, with default and with all features; warnings are errors.
clippy:
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Beside `kube::Client` with kube's default features and with its `aws-lc-rs`, and beside reqwest with its default
# features; declarations that need features which are not enabled: in workspaces of their own, so that features are not
# unified with those of the members here.
beside:
    cargo test --manifest-path tests/beside-kube/Cargo.toml --target-dir target --locked
    cargo test --manifest-path tests/beside-kube/Cargo.toml --target-dir target --locked --features stores
    cargo test --manifest-path tests/beside-kube/Cargo.toml --target-dir target --locked --features stores,aws-lc-rs
    cargo test --manifest-path tests/beside-reqwest/Cargo.toml --target-dir target --locked
    cargo test --manifest-path tests/few-features/Cargo.toml --target-dir target --locked

# The library with each feature alone, and with a few together.
features:
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features yaml
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features csv,derive,oauth2
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features object-store
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features aws,yaml
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features schema
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features ring
    RUSTFLAGS="-D warnings" cargo check -p koprs-external --no-default-features --features aws-lc-rs,aws

# The tests.
test:
    cargo test --workspace --all-features

# The tests against a real nginx, which has to be installed.
nginx:
    cargo clippy -p koprs-external-tests --test nginx -- -D warnings
    cargo test -p koprs-external-tests --test nginx

# The tests against servers that others wrote: Azurite, versitygw, moto, Apache and rclone, which have to be installed.
cloud:
    cargo clippy -p koprs-external-tests --test cloud -- -D warnings
    cargo test -p koprs-external-tests --test cloud

# The documentation; warnings are errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps
    RUSTDOCFLAGS="-D warnings" cargo doc -p koprs-external --no-default-features --no-deps

# The main job, end to end.
quickstart:
    cargo run --example quickstart

# The examples that tell a story, on a server or a folder of their own; each ends by itself.
examples: quickstart
    cargo run --example paged_list
    cargo run --example rotating_credentials
    cargo run -p koprs-external-examples-heavy --example bucket
    cargo run -p koprs-external-examples-heavy --example bucket_typed
    cargo run --example watcher_set
    cargo run -p koprs-external-examples-heavy --example crd
    cargo run --example hot_reload

# The benchmarks of the README's tables.
bench:
    cargo bench -p koprs-external --bench poll
    cargo bench -p koprs-external --bench list
    cargo bench -p koprs-external --bench memory
    cargo bench -p koprs-external --features aws --bench store
    cargo bench -p koprs-external --features yaml --bench load
    cargo bench -p koprs-external-cli --bench command

# Feeds anything to the loader, to the attributes of the derive, and to what declarations make of answers, so many
# seconds each; needs cargo-fuzz.
fuzz seconds="60":
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none loader -- -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=256
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none attribute -- -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=256
    cd fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none declaration_answers -- -max_total_time={{seconds}} -timeout=10 -rss_limit_mb=512

# Rewrites what is made of the sources, and the expected output of fixtures; read the difference before you commit it.
bless:
    UPDATE=1 cargo test -p koprs-external --all-features --lib
    UPDATE=1 cargo test -p koprs-external-cli --test command
    UPDATE=1 TRYBUILD=overwrite cargo test -p koprs-external-tests -p koprs-external-derive

# Advisories, licences, duplicate and banned crates; needs cargo-deny.
deny:
    cargo deny check
