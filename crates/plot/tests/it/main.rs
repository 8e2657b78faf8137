//! Charts, from the outside.

#![expect(clippy::unwrap_used, reason = "a test that can't go on shall panic")]

mod anything;
mod documents;
mod pixels;
