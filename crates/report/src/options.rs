//! What is to be analysed, and how much of it is held.

use std::num::NonZeroUsize;

use spacewatch_access_log::{CdnColumn, CdnRecord};
use spacewatch_model::{BucketName, TimeRange, Timestamp};

use crate::tally::Room;

/// Which records count, and what the report shows of them.
#[derive(Debug, Clone)]
pub struct Options {
    /// Records of this bucket only; of CDN requests those whose host begins with its name.
    pub bucket: Option<BucketName>,
    /// Records of this time only.
    pub range: TimeRange,
    /// Rows of each top list.
    pub top: usize,
    /// How many workers read.
    pub workers: NonZeroUsize,
    /// How much is held at once.
    pub limits: Limits,
}

impl Default for Options {
    /// Everything counts; ten rows a list; a worker for each core.
    fn default() -> Self {
        Self {
            bucket: None,
            range: TimeRange::ALWAYS,
            top: 10,
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: Limits::default(),
        }
    }
}

/// What is held at most. A report that met a limit says so in its notes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Different addresses, keys, user agents …, of each kind, that are counted exactly.
    pub values: usize,
    /// Bytes of their text, of each kind.
    pub text_bytes: usize,
    /// Lines that are remembered to find duplicates.
    pub remembered_lines: usize,
    /// How many times its own size a compressed file may unpack to.
    pub unpacked_ratio: u64,
    /// What a compressed file may unpack to in any case.
    pub unpacked_bytes: u64,
    /// Files that are looked at.
    pub files: usize,
    /// Rejected lines that are shown.
    pub samples: usize,
    /// Bytes of a big plain file that a worker takes at a time.
    pub segment_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            values: 1_000_000,
            text_bytes: 128 << 20,
            remembered_lines: 16_000_000,
            unpacked_ratio: 100,
            unpacked_bytes: 1 << 30,
            files: 1_000_000,
            samples: 20,
            segment_bytes: 4 << 20,
        }
    }
}

impl Limits {
    pub(crate) fn room(&self) -> Room {
        Room {
            values: self.values,
            text_bytes: self.text_bytes,
        }
    }
}

impl Options {
    #[inline]
    pub(crate) fn picks_bucket(&self, bucket: &[u8]) -> bool {
        self.bucket
            .as_ref()
            .is_none_or(|picked| picked.as_str().as_bytes() == bucket)
    }

    pub(crate) fn picks_cdn(&self, record: &CdnRecord<'_>) -> bool {
        self.bucket.as_ref().is_none_or(|picked| {
            let host = record.get(CdnColumn::HostHeader);
            host.and_then(|host| host.strip_prefix(picked.as_str().as_bytes()))
                .is_some_and(|rest| rest.first() == Some(&b'.'))
        })
    }
}

/// Records know whole seconds.
pub(crate) fn second_at_or_after(moment: Timestamp) -> i64 {
    let second = moment.as_second();
    second.saturating_add(i64::from(moment.subsec_nanosecond() > 0))
}
