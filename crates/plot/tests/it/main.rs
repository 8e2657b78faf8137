//! Charts, from the outside.

mod anything;
mod documents;
mod pixels;
