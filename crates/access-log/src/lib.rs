//! Access logs of S3-compatible stores: bytes to records and rejects, records to Arrow batches.
//!
//! A [`LogReader`] is fed the bytes of one log object in chunks of any size and hands on every line with what it is: a
//! [`Record`] of an S3 server access log, a [`CdnRecord`] of a CloudFront log, or the [`Reason`] why it is neither. Nothing
//! ends it early: a line that can't be read is a value, and the next line is read. [`S3BatchBuilder`] and [`CdnBatchBuilder`] collect
//! records in columns, and [`rebuild`] gives the line of any row back, byte for byte.
//!
//! ```
//! use spacewatch_access_log::{Entry, Limits, LogReader, S3BatchBuilder, rebuild};
//!
//! let object = br#"79a59df9 my-bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57427F REST.GET.OBJECT caf%25C3%25A9.jpg "GET /my-bucket/caf%C3%A9.jpg HTTP/1.1" 200 - 113 113 27 7 "-" "say "hi"" -
//! {"json": true}
//! "#;
//! let mut reader = LogReader::new(Limits::default());
//! let mut batch = S3BatchBuilder::new();
//! batch.begin_object("logs/2019-02-06-00-10-00-0123456789ABCDEF");
//! let mut rejects = Vec::new();
//! for chunk in object.chunks(64) {
//!     reader.feed(chunk, |line, entry| match entry {
//!         Entry::S3(record) => {
//!             assert_eq!(record.key().as_deref(), Some("café.jpg".as_bytes()));
//!             assert_eq!(record.user_agent(), Some(&b"say \"hi\""[..]));
//!             batch.push(&line, &record).unwrap();
//!         }
//!         Entry::Cdn(_) => {}
//!         Entry::Reject(reason) => rejects.push((line.offset, reason.as_str())),
//!     });
//! }
//! assert_eq!(rejects, [(179, "json")]);
//! let batch = batch.finish()?;
//! assert_eq!(rebuild(&batch, 0)?, &object[..178]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a line is read
//!
//! From both ends. Request-URI, referer and user agent are what the client sent, copied without escaping the quotes around
//! them, so neither quotes nor spaces can be counted. What stands left of the key and right of the user agent holds no
//! client's text: the operation is the first token that looks like one, the request-URI ends where status and numbers
//! follow, the last quote ends the user agent. Only the seam between referer and user agent can be forged then; such lines are
//! read and marked ambiguous. A second, looser rule reads the writers that differ from AWS, and each record says which rule took it.
//!
//! Nothing is copied or allocated for a line, and no bytes make this crate panic: it never indexes, slices or overflows.
//!
//! # What this crate is not
//!
//! It does no I/O, unpacks nothing, removes no duplicates (it hashes lines, so that others can) and knows no table format.
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

pub use batch::{
    BatchFull, CdnBatchBuilder, LineHashKey, RebuildError, S3BatchBuilder, exact_key, line_hash, rebuild,
};
pub use cloudfront::{CdnColumn, CdnRecord};
pub use key::KeyEncoding;
pub use lines::{Line, LineSplitter};
pub use operation::{Category, Operation};
pub use reader::{Counts, Entry, Limits, LogReader};
pub use record::{Dialect, Record, TailFields};
pub use reject::Reason;
