//! Inventories of a store in this process, against what is really in it.

#![expect(
    clippy::expect_used,
    reason = "functions that tests share are tests as well, which clippy can't see"
)]

mod beside;
mod figures;
mod keeping;
mod scanning;
mod stage;
