//! The client against a store in this process, and against a real gateway where there is one.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "functions that tests share are tests as well, which clippy can't see"
)]

mod calls;
mod faults;
mod listing;
mod odd_stores;
mod rgw;
mod scripted;
mod stage;
mod streams;
mod versions;
mod writes;
