//! The client against a store in this process, and against a real gateway where there is one.

mod calls;
mod faults;
mod listing;
mod rgw;
mod stage;
