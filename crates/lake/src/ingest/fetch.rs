//! One log object: from the bucket to rows of a batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::{Bytes, BytesMut};
use spacewatch_model::{BucketName, ObjectKey, Timestamp};
use spacewatch_s3::{ObjectStream, Progress, Store, StoreError};
use tokio::sync::Semaphore;

use super::batch::Filling;
use super::parse::{Found, ObjectParser, WeighedRows};
use super::pending::Taken;
use crate::LakeError;
use crate::tables::{LogObject, RejectedLine};
use spacewatch_unpack::UnpackLimits;

/// Fetched bytes are gathered to this much before they are worked on.
const GATHERED_BYTES: usize = 256 * 1024;

/// What reading needs.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) store: Store,
    pub(super) bucket: BucketName,
    pub(super) limits: UnpackLimits,
    /// As many permits as there are cores.
    pub(super) cores: Arc<Semaphore>,
    pub(super) progress: Progress,
    pub(super) seen: Arc<Seen>,
}

/// What was read so far, for whoever shows it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) bytes: AtomicU64,
    pub(super) lines: AtomicU64,
}

/// An object that was read.
pub(super) struct Fetched {
    pub(super) object: LogObject,
    pub(super) rejects: Vec<RejectedLine>,
}

/// Why an object was not read.
pub(super) struct NotFetched {
    pub(super) error: LakeError,
    /// Some of it is in the batch already.
    pub(super) broke_off: bool,
}

impl Fetcher {
    /// Reads an object into a batch.
    pub(super) async fn fetch(&self, taken: &Taken, into: &Arc<Filling>) -> Result<Fetched, NotFetched> {
        let unbegun = |error| NotFetched {
            error,
            broke_off: false,
        };
        let mut stream = self.open(taken).await.map_err(unbegun)?;
        let mut begun = Begun::default();
        let read = self.read(taken, &mut stream, into, &mut begun).await;
        let found = read.map_err(|error| {
            self.seen.lines.fetch_sub(begun.lines, Relaxed);
            NotFetched {
                error,
                broke_off: begun.any,
            }
        })?;
        Ok(Fetched {
            object: describe(taken, &stream, &found),
            rejects: found.rejects,
        })
    }

    /// The version that was listed, else the one that is there now.
    async fn open(&self, taken: &Taken) -> Result<ObjectStream, LakeError> {
        let key: ObjectKey = taken
            .object
            .key
            .parse()
            .map_err(|error| LakeError::Internal(format!("a listed key {error}")))?;
        let etag = taken.object.etag();
        let open = |etag| self.store.open_object(&self.bucket, &key, etag, &self.progress);
        match open(etag.as_deref()).await {
            Err(StoreError::Precondition(_)) => Ok(open(None).await?),
            opened => Ok(opened?),
        }
    }

    async fn read(
        &self,
        taken: &Taken,
        stream: &mut ObjectStream,
        into: &Arc<Filling>,
        begun: &mut Begun,
    ) -> Result<Found, LakeError> {
        let mut parser = ObjectParser::new(&taken.object.key, self.limits);
        loop {
            let (gathered, ended) = self.gather(stream).await?;
            begun.any = true;
            let mut input = gathered;
            loop {
                let before = parser.lines();
                let step = self.step(parser, input, into).await?;
                (parser, input) = (step.parser, step.rest);
                begun.count(parser.lines().saturating_sub(before), &self.seen);
                into.deliver(step.full).await;
                if step.all_taken {
                    break;
                }
            }
            if ended || parser.is_over() {
                break;
            }
        }
        let before = parser.lines();
        let mut builders = into.builders();
        let found = parser.finish(&mut builders);
        let full = builders.take_full().map_err(LakeError::Internal);
        into.give_back(builders);
        begun.count(found.counts.lines.saturating_sub(before), &self.seen);
        into.deliver(full?).await;
        Ok(found)
    }

    /// The next bytes, enough of them to be worth the way to a thread; and whether they are the last ones.
    async fn gather(&self, stream: &mut ObjectStream) -> Result<(Bytes, bool), LakeError> {
        let mut gathered = BytesMut::new();
        while gathered.len() < GATHERED_BYTES {
            let Some(part) = stream.next().await? else {
                return Ok((gathered.freeze(), true));
            };
            self.seen.bytes.fetch_add(as_u64(part.len()), Relaxed);
            gathered.extend_from_slice(&part);
        }
        Ok((gathered.freeze(), false))
    }

    /// Works on some bytes, on a thread of its own, no more of them at once than there are cores.
    async fn step(
        &self,
        mut parser: ObjectParser,
        mut input: Bytes,
        into: &Arc<Filling>,
    ) -> Result<Step, LakeError> {
        // The semaphore is never closed.
        let core = self.cores.clone().acquire_owned().await.ok();
        let filling = into.clone();
        let work = move || {
            let _core = core;
            let mut builders = filling.builders();
            let all_taken = parser.feed(&mut input, &mut builders);
            let full = builders.take_full().map_err(LakeError::Internal);
            filling.give_back(builders);
            Ok(Step {
                parser,
                rest: input,
                all_taken,
                full: full?,
            })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| LakeError::Internal(format!("a reading thread ended: {error}")))?
    }
}

/// What came of an object so far.
#[derive(Default)]
struct Begun {
    /// Some of it is in the batch.
    any: bool,
    lines: u64,
}

impl Begun {
    fn count(&mut self, lines: u64, seen: &Seen) {
        self.lines = self.lines.saturating_add(lines);
        seen.lines.fetch_add(lines, Relaxed);
    }
}

struct Step {
    parser: ObjectParser,
    rest: Bytes,
    all_taken: bool,
    full: Vec<WeighedRows>,
}

/// The object as it was listed; where it has changed since, as it is now.
fn describe(taken: &Taken, stream: &ObjectStream, found: &Found) -> LogObject {
    let (listed, head) = (&taken.object, stream.head());
    let changed = head.size.0 != listed.size_bytes || head.last_modified != listed.last_modified();
    let changed = changed && head.etag != listed.etag();
    LogObject {
        key: listed.key.to_string(),
        etag: if changed { head.etag.clone() } else { listed.etag() },
        size: if changed { head.size.0 } else { listed.size_bytes },
        last_modified: if changed {
            head.last_modified
        } else {
            listed.last_modified()
        },
        format: found.format,
        bytes: found.bytes,
        lines: found.counts.lines,
        records: found.counts.s3,
        cdn_records: found.counts.cdn,
        rejected: found.counts.rejected,
        duplicates: 0,
        ambiguous: found.counts.ambiguous,
        first_record: found
            .times
            .and_then(|(first, _)| Timestamp::from_second(first).ok()),
        last_record: found
            .times
            .and_then(|(_, last)| Timestamp::from_second(last).ok()),
        failure: found.failure.clone(),
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
