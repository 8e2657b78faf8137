//! The built-in planner: understands questions in ordinary wording, picks tools, writes the answer. Deterministic, no model, no network.
//!
//! A question is cut into words; names (buckets, keys, addresses), times and figures are taken out of them, and what is left says
//! which topic is meant. A topic asks tools, in one step or a few, and writes the answer from what they said: through a writer
//! that can't write a figure without its place in a result. [`Dialogue`] is all of this without asking anything by itself;
//! [`answer`] asks a [`Toolbox`](crate::Toolbox).

mod chat;
mod dialogue;
mod driver;
mod entities;
mod outcome;
mod refuse;
mod topic;
mod topics;
mod vocabulary;
mod when;
mod words;
mod write;

pub use dialogue::{Dialogue, Step, Understood};
pub use driver::answer;
