//! A whole log object: lines to records, whatever its format.

use crate::cloudfront::{CdnHeader, CdnRecord};
use crate::lines::{Line, LineSplitter};
use crate::record::Record;
use crate::reject::Reason;
use crate::time::Days;

/// What one line is.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::large_enum_variant,
    reason = "an entry lives on the stack for the length of one call"
)]
pub enum Entry<'a> {
    /// A record of an S3 server access log.
    S3(Record<'a>),
    /// A record of a CloudFront log.
    Cdn(CdnRecord<'a>),
    /// A line that should be a record and is none. The line itself stands beside.
    Reject(Reason),
}

/// What was met so far in a log object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines of any kind.
    pub lines: u64,
    /// S3 records.
    pub s3: u64,
    /// CloudFront records.
    pub cdn: u64,
    /// Rejected lines.
    pub rejected: u64,
    /// Records that can be split in more than one way.
    pub ambiguous: u64,
    /// Blank lines and `#` headers, which are neither records nor rejects.
    pub silent: u64,
}

/// How much of an object is held at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line that is read; the beginning of a longer one is kept with its reject.
    pub line_bytes: usize,
}

impl Default for Limits {
    /// 256 KiB: a request line has at most 8 KiB headers beside it, a key 9 KiB when encoded twice.
    fn default() -> Self {
        Self {
            line_bytes: 256 * 1024,
        }
    }
}

/// Reads one log object, fed in chunks of any size.
///
/// The format is found line by line, since S3 and CloudFront objects stand side by side under one prefix.
#[derive(Debug)]
pub struct LogReader {
    splitter: LineSplitter,
    formats: Formats,
}

#[derive(Debug, Default)]
struct Formats {
    days: Days,
    header: CdnHeader,
    counts: Counts,
}

impl LogReader {
    /// A reader at the beginning of an object.
    pub fn new(limits: Limits) -> Self {
        Self {
            splitter: LineSplitter::new(limits.line_bytes),
            formats: Formats::default(),
        }
    }

    /// Takes the next bytes and hands on an entry for every line that ends in them.
    pub fn feed(&mut self, chunk: &[u8], mut sink: impl FnMut(Line<'_>, Entry<'_>)) {
        self.splitter
            .feed(chunk, |line| self.formats.read(line, &mut sink));
    }

    /// The object ends here.
    pub fn finish(&mut self, mut sink: impl FnMut(Line<'_>, Entry<'_>)) {
        self.splitter.finish(|line| self.formats.read(line, &mut sink));
    }

    /// What was met so far.
    pub fn counts(&self) -> Counts {
        self.formats.counts
    }
}

impl Formats {
    fn read(&mut self, line: Line<'_>, sink: &mut impl FnMut(Line<'_>, Entry<'_>)) {
        let counts = &mut self.counts;
        let count = |counter: &mut u64| *counter = counter.saturating_add(1);
        count(&mut counts.lines);
        let bytes = line.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line.bytes);
        let entry = if line.is_cut() {
            Entry::Reject(Reason::TooLong)
        } else if bytes.first() == Some(&b'#') {
            match self.header.read(bytes) {
                Ok(()) => return count(&mut counts.silent),
                Err(reason) => Entry::Reject(reason),
            }
        } else if self.header.covers(bytes) {
            CdnRecord::read(line.bytes, &self.header, &mut self.days).map_or_else(Entry::Reject, Entry::Cdn)
        } else if bytes.trim_ascii().is_empty() {
            return count(&mut counts.silent);
        } else {
            Record::read(line.bytes, &mut self.days).map_or_else(Entry::Reject, Entry::S3)
        };
        match &entry {
            Entry::S3(record) => {
                count(&mut counts.s3);
                if record.is_ambiguous() {
                    count(&mut counts.ambiguous);
                }
            }
            Entry::Cdn(_) => count(&mut counts.cdn),
            Entry::Reject(_) => count(&mut counts.rejected),
        }
        sink(line, entry);
    }
}
