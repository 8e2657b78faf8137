//! What recording and reading cost.

fn main() {
    divan::main();
}
