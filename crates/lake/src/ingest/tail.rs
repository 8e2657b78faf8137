//! The end of one log object, for whoever wants to look at it.

use std::collections::VecDeque;

use bytes::Buf;
use spacewatch_access_log::{Line, LineSplitter};
use spacewatch_model::{BucketName, ObjectKey};
use spacewatch_s3::{ObjectHead, Progress, Store, StoreError};

use spacewatch_unpack::{Broken, UnpackLimits, Unpacker};

/// The last lines of an object.
#[derive(Debug, Clone)]
pub struct Tail {
    /// In the order they stand there, without line endings; of very long ones the beginning.
    pub lines: Vec<Vec<u8>>,
    /// How many lines the object has in all.
    pub lines_in_object: u64,
    /// There are lines before these.
    pub truncated: bool,
    /// Why it could not be read to its end.
    pub failure: Option<String>,
    /// What the store tells about the object.
    pub head: ObjectHead,
}

/// The last lines of an object, gzip, zstd or plain: at most `max_lines`, and of them as many as have no more than
/// `max_bytes` together. Whatever the size of the object, no more than that is held.
pub async fn tail_of_object(
    store: &Store,
    bucket: &BucketName,
    key: &ObjectKey,
    (max_lines, max_bytes): (usize, usize),
) -> Result<Tail, StoreError> {
    let mut stream = store.open_object(bucket, key, None, &Progress::default()).await?;
    let mut last = Last::new(max_lines, max_bytes);
    let mut unpacker = Unpacker::new(UnpackLimits::default());
    let mut splitter = LineSplitter::new(max_bytes);
    let mut broken = None;
    while let Some(part) = stream.next().await? {
        let mut input = part;
        while broken.is_none() && (!input.is_empty() || unpacker.has_more()) {
            match unpacker.step(&input) {
                Ok((taken, bytes)) => {
                    splitter.feed(bytes, |line| last.take(line));
                    input.advance(taken);
                }
                Err(error) => broken = Some(error),
            }
            // Megabytes may come of one part.
            tokio::task::consume_budget().await;
        }
        if broken.is_some() {
            splitter.feed(unpacker.salvage(), |line| last.take(line));
            break;
        }
    }
    if broken.is_none() {
        let (bytes, end) = unpacker.finish();
        splitter.feed(bytes, |line| last.take(line));
        broken = end;
    }
    if matches!(broken, None | Some(Broken::Trailing { .. })) {
        splitter.finish(|line| last.take(line));
    }
    Ok(Tail {
        truncated: last.seen > u64::try_from(last.lines.len()).unwrap_or(u64::MAX),
        lines: last.lines.into(),
        lines_in_object: last.seen,
        failure: broken.map(|broken| broken.to_string()),
        head: stream.head().clone(),
    })
}

/// The last lines met, within bounds.
struct Last {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    seen: u64,
    max_lines: usize,
    max_bytes: usize,
}

impl Last {
    fn new(max_lines: usize, max_bytes: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
            seen: 0,
            max_lines,
            max_bytes,
        }
    }

    fn take(&mut self, line: Line<'_>) {
        self.seen = self.seen.saturating_add(1);
        let bytes = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.lines.push_back(bytes.to_vec());
        while self.lines.len() > self.max_lines || self.bytes > self.max_bytes {
            let Some(first) = self.lines.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(first.len());
        }
    }
}
