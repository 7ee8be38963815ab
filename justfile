# `just check` is what the gate runs.

check:
    .ci/run

# every test
test:
    cargo test --workspace --locked

# everything on this machine, with every provider's samples
demo:
    cargo run -p postern -- demo

# the storms of docs/reliability.md, an hour and more; names them to run only some: `just storms all
# soak`
storms *names:
    .ci/storms {{names}}

# write the expectations that are missing (then read them), and the README's table of events
bless:
    BLESS=1 cargo test -p tests --test golden --test readme

# speed, size and cost beside a no-op floor and a Python peer; about eight minutes on a quiet
# machine, after the build
bench:
    cargo run --release -p bench
