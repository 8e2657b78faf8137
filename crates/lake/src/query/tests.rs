//! Every question against brute force over the same lines, and SQL against who means harm.

mod census;
mod deeds;
mod kit;
mod oracle;
mod questions;
mod sql;
mod uses;
