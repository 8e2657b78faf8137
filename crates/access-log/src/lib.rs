//! Access logs.
#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects
)]

mod batch;
mod cloudfront;
mod key;
mod lines;
mod number;
mod operation;
mod reader;
mod record;
mod reject;
mod scan;
mod time;

pub use batch::{BatchFull, CdnBatchBuilder, RebuildError, S3BatchBuilder, exact_key, line_hash, rebuild};
pub use cloudfront::{CdnColumn, CdnRecord};
pub use key::KeyEncoding;
pub use lines::{Line, LineSplitter};
pub use operation::{Category, Operation};
pub use reader::{Counts, Entry, Limits, LogReader};
pub use record::{Dialect, Record, TailFields};
pub use reject::Reason;
