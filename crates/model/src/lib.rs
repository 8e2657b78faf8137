//! The words of the domain: names, sizes, times, secrets and error codes.
//!
//! Everything another crate says about object storage it says in these types. A value that exists is
//! valid: [`BucketName`], [`ObjectKey`] and [`Prefix`] are parsed once, at the edge, and never checked again.
//!
//! This crate does no I/O, knows no HTTP and no S3 client, and has nothing asynchronous in it. The one
//! thing it asks of the outside is the time, and that behind [`Clock`], so that tests move it.
//!
//! ```
//! use spacewatch_model::{BucketName, ByteSize};
//!
//! let bucket: BucketName = "prod-assets".parse()?;
//! assert_eq!(bucket.as_str(), "prod-assets");
//! assert_eq!(ByteSize(1_300_000_000).to_string(), "1.21 GiB");
//! # Ok::<(), spacewatch_model::InvalidName>(())
//! ```

mod byte_size;
mod clock;
mod coverage;
mod error_code;
mod name;
mod one_line;
mod secret;
mod size_class;
mod time_range;

pub use byte_size::ByteSize;
pub use clock::{Clock, ManualClock, SystemClock};
pub use coverage::Coverage;
pub use error_code::ErrorCode;
pub use name::{BucketName, InvalidName, ObjectKey, Prefix};
pub use one_line::OneLine;
pub use secret::Secret;
pub use size_class::SizeClass;
pub use time_range::{InvalidTimeRange, TimeRange};

pub use jiff::Timestamp;
