//! Local access-log files to one report, without a server and without a store.
//!
//! [`analyse`] reads files (plain, gzip or zstd, told apart by content), directories and standard input on all cores and
//! gives a [`Report`]: figures of all buckets and of each, CDN figures, top lists, rejected lines, and notes on whatever
//! limits these figures. [`page`] makes a self-contained HTML page of it.
//!
//! ```
//! use spacewatch_report::{Options, Progress, Source, analyse};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("any-name");
//! std::fs::write(&file, br#"79a59df9 my-bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57427F REST.GET.OBJECT cat.jpg "GET /cat.jpg HTTP/1.1" 200 - 113 113 27 7 "-" "curl/8.5" -
//! "#)?;
//! let report = analyse(&[Source::Path(file)], &Options::default(), &Progress::default());
//! assert_eq!(report.total.requests, 1);
//! assert_eq!(report.total.top_ips[0].value, "192.0.2.3");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What holds
//!
//! Every line counts once, whoever reads it: a duplicate (the same whole line) is found across files, and a big file may be cut
//! anywhere for the workers. Memory is bounded whatever the files hold; a figure that met a limit is marked in the notes, never
//! silently wrong. A broken file or line ends nothing.
//!
//! # What this crate is not
//!
//! It keeps nothing and can't be asked again: that is the lake. It knows no terminal; the binary prints.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

mod analysis;
mod cdn;
mod collector;
mod distinct;
mod duplicates;
mod failed;
mod hours;
mod inputs;
mod latency;
mod operations;
mod options;
mod page;
mod rejects;
mod report;
mod segment;
mod tally;
mod unpack;
mod words;

pub use analysis::{Progress, analyse};
pub use failed::FileProblem;
pub use inputs::Source;
pub use latency::Percentiles;
pub use options::{Limits, Options};
pub use page::page;
pub use report::{
    CdnFigures, FailedFile, Figures, Filter, Latency, Note, Period, Reading, ReasonCount, RejectFigures,
    RejectedLine, Report, Slot, Top,
};
