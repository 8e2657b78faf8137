//! Access logs as they really are.

mod cloudfront;
mod corpus;
mod generated;
mod hostile;
mod keys;
mod lines;
mod operations;
mod shown;
