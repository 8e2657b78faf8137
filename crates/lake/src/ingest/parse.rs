//! Unpacked bytes to rows, straight into columns.

use arrow_array::RecordBatch;
use bytes::{Buf, Bytes};
use spacewatch_access_log::{
    CdnBatchBuilder, Counts, Entry, Limits, Line, LineHashKey, LogReader, Reason, S3BatchBuilder,
};

use crate::tables::RejectedLine;
use spacewatch_unpack::{Broken, UnpackLimits, Unpacker};

/// A record batch is finished at this many rows or bytes of lines.
const ROWS: usize = 64 * 1024;
const BYTES: usize = 32 << 20;
/// Rejected lines kept of one object; more are counted.
const MAX_REJECTS: usize = 10_000;
/// Kept of a rejected line.
const MAX_REJECTED_BYTES: usize = 1024;
/// Who has no record in so many bytes is no log.
const PROOF_BYTES: u64 = 16 << 20;
/// Binary content shows much earlier.
const BINARY_PROOF_BYTES: u64 = 1 << 20;

/// Rows of one table.
#[derive(Debug)]
pub(super) enum Rows {
    Requests(RecordBatch),
    Cdn(RecordBatch),
}

/// Rows, and how many bytes their lines have: about what they take in memory.
#[derive(Debug)]
pub(super) struct WeighedRows {
    pub(super) rows: Rows,
    pub(super) bytes: usize,
}

/// Columns that are being filled, of whatever objects.
#[derive(Debug)]
pub(super) struct Builders {
    key: LineHashKey,
    s3: S3BatchBuilder,
    cdn: CdnBatchBuilder,
    object: String,
    full: Vec<WeighedRows>,
    fault: Option<String>,
}

impl Builders {
    pub(super) fn new(key: LineHashKey) -> Self {
        Self {
            s3: S3BatchBuilder::with_hash_key(key.clone()),
            cdn: CdnBatchBuilder::with_hash_key(key.clone()),
            key,
            object: String::new(),
            full: Vec::new(),
            fault: None,
        }
    }

    fn begin(&mut self, object: &str) {
        object.clone_into(&mut self.object);
        self.s3.begin_object(object);
        self.cdn.begin_object(object);
    }

    fn push(&mut self, line: &Line<'_>, entry: &Entry<'_>) {
        let pushed = match entry {
            Entry::S3(record) => {
                if self.s3.len() >= ROWS || self.s3.bytes() >= BYTES {
                    self.finish_s3();
                }
                self.s3.push(line, record)
            }
            Entry::Cdn(record) => {
                if self.cdn.len() >= ROWS || self.cdn.bytes() >= BYTES {
                    self.finish_cdn();
                }
                self.cdn.push(line, record)
            }
            Entry::Reject(_) => Ok(()),
        };
        if let Err(error) = pushed {
            self.fault = Some(error.to_string());
        }
    }

    fn finish_s3(&mut self) {
        let bytes = self.s3.bytes();
        let next = S3BatchBuilder::with_hash_key(self.key.clone());
        let rows = std::mem::replace(&mut self.s3, next).finish();
        self.s3.begin_object(&self.object);
        match rows {
            Ok(rows) => self.full.push(WeighedRows {
                rows: Rows::Requests(rows),
                bytes,
            }),
            Err(error) => self.fault = Some(error.to_string()),
        }
    }

    fn finish_cdn(&mut self) {
        let bytes = self.cdn.bytes();
        let next = CdnBatchBuilder::with_hash_key(self.key.clone());
        let rows = std::mem::replace(&mut self.cdn, next).finish();
        self.cdn.begin_object(&self.object);
        match rows {
            Ok(rows) => self.full.push(WeighedRows {
                rows: Rows::Cdn(rows),
                bytes,
            }),
            Err(error) => self.fault = Some(error.to_string()),
        }
    }

    /// The batches that are full, or the fault that made one fail.
    pub(super) fn take_full(&mut self) -> Result<Vec<WeighedRows>, String> {
        self.fault
            .take()
            .map_or_else(|| Ok(std::mem::take(&mut self.full)), Err)
    }

    /// All rows.
    pub(super) fn finish(mut self) -> Result<Vec<WeighedRows>, String> {
        if !self.s3.is_empty() {
            self.finish_s3();
        }
        if !self.cdn.is_empty() {
            self.finish_cdn();
        }
        self.take_full()
    }
}

/// What was found in an object.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) counts: Counts,
    /// How it is packed.
    pub(super) format: &'static str,
    /// Its length, unpacked.
    pub(super) bytes: u64,
    /// Its oldest and its newest record, in seconds since the epoch.
    pub(super) times: Option<(i64, i64)>,
    pub(super) rejects: Vec<RejectedLine>,
    pub(super) failure: Option<String>,
}

/// One object on its way to rows.
pub(super) struct ObjectParser {
    name: String,
    times: Option<(i64, i64)>,
    unpacker: Unpacker,
    reader: LogReader,
    rejects: Vec<RejectedLine>,
    dropped_rejects: u64,
    binary: bool,
    broken: Option<Broken>,
}

impl ObjectParser {
    pub(super) fn new(name: &str, limits: UnpackLimits) -> Self {
        Self {
            name: name.to_owned(),
            times: None,
            unpacker: Unpacker::new(limits),
            reader: LogReader::new(Limits::default()),
            rejects: Vec::new(),
            dropped_rejects: 0,
            binary: false,
            broken: None,
        }
    }

    /// Whether reading on brings nothing.
    pub(super) fn is_over(&self) -> bool {
        self.broken.is_some()
    }

    /// Lines met so far.
    pub(super) fn lines(&self) -> u64 {
        self.reader.counts().lines
    }

    /// Takes the next bytes. Stops early, with some of them left, when a batch is full; true when all were taken.
    pub(super) fn feed(&mut self, input: &mut Bytes, builders: &mut Builders) -> bool {
        builders.begin(&self.name);
        loop {
            if self.broken.is_some() {
                input.clear();
                return true;
            }
            let mut lines = Lines {
                name: &self.name,
                times: &mut self.times,
                rejects: &mut self.rejects,
                dropped_rejects: &mut self.dropped_rejects,
                builders,
            };
            match self.unpacker.step(input) {
                Ok((taken, bytes)) => {
                    self.binary |= self.reader.counts().s3 == 0 && memchr::memchr(0, bytes).is_some();
                    self.reader.feed(bytes, |line, entry| lines.take(&line, &entry));
                    input.advance(taken);
                }
                Err(broken) => {
                    let bytes = self.unpacker.salvage();
                    self.reader.feed(bytes, |line, entry| lines.take(&line, &entry));
                    self.broken = Some(broken);
                }
            }
            self.look_for_records();
            if input.is_empty() && !self.unpacker.has_more() {
                return true;
            }
            if !builders.full.is_empty() {
                return false;
            }
        }
    }

    /// Large objects without any record are not read to their end.
    fn look_for_records(&mut self) {
        let counts = self.reader.counts();
        let proof = if self.binary {
            BINARY_PROOF_BYTES
        } else {
            PROOF_BYTES
        };
        if self.broken.is_none() && counts.s3 == 0 && counts.cdn == 0 && self.unpacker.unpacked() > proof {
            self.broken = Some(if self.binary {
                Broken::Binary
            } else {
                Broken::NoRecords(proof)
            });
        }
    }

    /// The object ends here.
    pub(super) fn finish(mut self, builders: &mut Builders) -> Found {
        builders.begin(&self.name);
        let mut lines = Lines {
            name: &self.name,
            times: &mut self.times,
            rejects: &mut self.rejects,
            dropped_rejects: &mut self.dropped_rejects,
            builders,
        };
        if self.broken.is_none() {
            let (bytes, broken) = self.unpacker.finish();
            self.reader.feed(bytes, |line, entry| lines.take(&line, &entry));
            self.broken = broken;
        }
        // Of what breaks off, the last line is no whole one.
        if matches!(self.broken, None | Some(Broken::Trailing { .. })) {
            self.reader.finish(|line, entry| lines.take(&line, &entry));
        }
        let counts = self.reader.counts();
        if self.broken.is_none() && self.binary && counts.s3 == 0 && counts.cdn == 0 {
            self.broken = Some(Broken::Binary);
        }
        self.found(counts)
    }

    fn found(mut self, counts: Counts) -> Found {
        if let Some(broken) = &self.broken {
            if broken.as_str() == "not_a_log" {
                // Its lines would say nothing more.
                self.rejects.clear();
                self.dropped_rejects = 0;
            }
            self.rejects
                .push(whole(&self.name, broken.as_str(), broken.to_string()));
        }
        if self.dropped_rejects > 0 {
            let detail = format!("{} more lines of it are no records", self.dropped_rejects);
            self.rejects.push(whole(&self.name, "too_many", detail));
        }
        Found {
            counts,
            format: self.unpacker.format(),
            bytes: self.unpacker.unpacked(),
            times: self.times,
            rejects: self.rejects,
            failure: self.broken.map(|broken| broken.to_string()),
        }
    }
}

/// A reject of an object as a whole.
fn whole(name: &str, reason: &'static str, detail: String) -> RejectedLine {
    RejectedLine {
        log_object: name.to_owned(),
        offset: None,
        length: None,
        reason,
        detail,
        line: Vec::new(),
    }
}

/// Where the lines of an object go.
struct Lines<'a> {
    name: &'a str,
    times: &'a mut Option<(i64, i64)>,
    rejects: &'a mut Vec<RejectedLine>,
    dropped_rejects: &'a mut u64,
    builders: &'a mut Builders,
}

impl Lines<'_> {
    fn take(&mut self, line: &Line<'_>, entry: &Entry<'_>) {
        match entry {
            Entry::Reject(reason) => self.reject(line, *reason),
            record => {
                self.builders.push(line, record);
                self.note_time(record);
            }
        }
    }

    fn note_time(&mut self, entry: &Entry<'_>) {
        let time = match entry {
            Entry::S3(record) => record.unix_seconds(),
            Entry::Cdn(record) => record.unix_seconds(),
            Entry::Reject(_) => return,
        };
        let (first, last) = self.times.unwrap_or((time, time));
        *self.times = Some((first.min(time), last.max(time)));
    }

    fn reject(&mut self, line: &Line<'_>, reason: Reason) {
        if self.rejects.len() >= MAX_REJECTS {
            *self.dropped_rejects = self.dropped_rejects.saturating_add(1);
            return;
        }
        let kept = line.bytes.get(..MAX_REJECTED_BYTES).unwrap_or(line.bytes);
        self.rejects.push(RejectedLine {
            log_object: self.name.to_owned(),
            offset: Some(line.offset),
            length: Some(line.length),
            reason: reason.as_str(),
            detail: reason.to_string(),
            line: kept.to_vec(),
        });
    }
}
