//! The tools against an in-process store.

mod credentials;
mod diagnose;
mod kit;
mod objects;
