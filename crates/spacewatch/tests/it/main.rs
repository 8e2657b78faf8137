//! The built program, run as people run it.

mod answers;
mod arrows;
mod command_line;
mod sandbox;
mod services;
mod setup;
