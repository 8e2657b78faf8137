//! One run: everything that is pending, batch after batch, while the next one is read already.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use spacewatch_access_log::LineHashKey;
use spacewatch_s3::{Progress, Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Filling, Last, Member, Portion, Ready};
use super::fetch::{Fetched, Fetcher, NotFetched, Seen};
use super::listing::list;
use super::parse::Rows;
use super::pending::Taken;
use super::rate::{Rate, as_f64};
use super::sink::{BatchSink, LogSink};
use super::{IngestPhase, Inner};
use crate::LakeError;
use crate::maintenance::oldest_kept;
use crate::tables::LogObject;

/// A batch is read while the one before is written.
const OPEN_BATCHES: usize = 2;
/// After so many failures and nothing good in between, the store is out of service.
const FAILURES_IN_A_ROW: u32 = 32;
/// The first batches are small, so that there is something to answer from soon.
const FIRST_BATCHES: u64 = 3;
/// The status is told at most this often while objects come and go.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Lists, reads everything, and tidies up.
pub(super) async fn run(inner: &Inner, store: Store, cancel: &CancellationToken) -> Result<(), LakeError> {
    let progress = Progress::default();
    let (known, hash_key) = inner.sink.known().await?;
    let now = inner.clock.now();
    let oldest = oldest_kept(now, inner.config.retention);
    let listing = list(&store, &inner.source, &known, oldest, &progress);
    let listed = tokio::select! {
        listed = listing => listed?,
        () = cancel.cancelled() => return Ok(()),
    };
    drop(known);
    inner.pending().replace(listed.new, now);
    inner.status.send_modify(|status| {
        status.phase = IngestPhase::Reading;
        status.listed_at = Some(now);
        status.objects_known = listed.objects;
        status.objects_too_old = listed.too_old;
    });
    let fetcher = Fetcher {
        store,
        bucket: inner.source.bucket.clone(),
        limits: inner.config.unpack,
        cores: inner.config.cores.clone(),
        progress,
        seen: Arc::default(),
    };
    let mut reading = Reading::new(inner, fetcher, hash_key, cancel.clone());
    let read = reading.read_all().await;
    reading.tell(true);
    read
}

struct Reading<'a> {
    inner: &'a Inner,
    fetcher: Arc<Fetcher>,
    hash_key: LineHashKey,
    cancel: CancellationToken,
    ends_at: Duration,
    stopping: bool,
    batches: VecDeque<Batch>,
    last_number: u64,
    /// Objects read at a time.
    width: usize,
    failures_in_a_row: u32,
    reads: JoinSet<Read>,
    writing: JoinSet<Written>,
    changed: Arc<Notify>,
    rate: Rate,
    told_at: Option<Duration>,
}

struct Read {
    number: u64,
    taken: Taken,
    result: Result<Fetched, NotFetched>,
}

struct Written {
    number: u64,
    sink: Option<Box<dyn BatchSink>>,
    result: Result<WrittenRows, LakeError>,
}

struct WrittenRows {
    duplicates: HashMap<String, u64>,
    committed: bool,
}

impl<'a> Reading<'a> {
    fn new(inner: &'a Inner, fetcher: Fetcher, hash_key: LineHashKey, cancel: CancellationToken) -> Self {
        Self {
            inner,
            fetcher: Arc::new(fetcher),
            hash_key,
            cancel,
            ends_at: inner.clock.elapsed().saturating_add(inner.config.longest_run),
            stopping: false,
            batches: VecDeque::new(),
            last_number: 0,
            width: inner.config.concurrency.max(1),
            failures_in_a_row: 0,
            reads: JoinSet::new(),
            writing: JoinSet::new(),
            changed: Arc::new(Notify::new()),
            rate: Rate::default(),
            told_at: None,
        }
    }

    async fn read_all(&mut self) -> Result<(), LakeError> {
        let result = self.until_done().await;
        // What was being read is read again by the next run; what is being written is written.
        self.reads.shutdown().await;
        while self.writing.join_next().await.is_some() {}
        result
    }

    async fn until_done(&mut self) -> Result<(), LakeError> {
        loop {
            self.stopping |= self.inner.clock.elapsed() >= self.ends_at;
            self.fill();
            self.start_writing()?;
            let next_due = self.inner.pending().next_due().filter(|_| !self.stopping);
            if self.reads.is_empty()
                && self.writing.is_empty()
                && self.batches.is_empty()
                && next_due.is_none()
            {
                return Ok(());
            }
            let wait = next_due.map(|due| due.saturating_sub(self.inner.clock.elapsed()));
            tokio::select! {
                Some(read) = self.reads.join_next() => self.settle(read.map_err(died)?)?,
                Some(written) = self.writing.join_next() => self.written(written.map_err(died)?)?,
                () = self.changed.notified() => {}
                () = self.inner.prodded.notified() => {}
                () = tokio::time::sleep(wait.unwrap_or(Duration::MAX)), if wait.is_some() => {}
                () = self.cancel.cancelled() => return Ok(()),
            }
            self.tell(false);
        }
    }

    /// Starts reading as many objects as may be read at a time.
    fn fill(&mut self) {
        while !self.stopping && self.reads.len() < self.width {
            let taken = self.inner.pending().take(self.inner.clock.elapsed());
            let Some(taken) = taken else { break };
            let Some(batch) = self.batch_for(&taken) else {
                self.inner.pending().put_back(taken);
                return;
            };
            batch.outstanding = batch.outstanding.saturating_add(1);
            batch.expected_bytes = batch.expected_bytes.saturating_add(expected_bytes(&taken));
            // What broke off once stays alone.
            batch.closed = taken.object.broke_off;
            let filling = batch.filling.clone();
            let fetcher = self.fetcher.clone();
            self.reads.spawn(async move {
                let result = fetcher.fetch(&taken, &filling).await;
                Read {
                    number: filling.number,
                    taken,
                    result,
                }
            });
        }
        // With nothing more to come, what was read is not held back.
        if (self.stopping || !self.inner.pending().is_waiting())
            && let Some(last) = self.batches.back_mut()
        {
            last.closed = true;
        }
    }

    /// The batch that takes this object, if any has room.
    fn batch_for(&mut self, taken: &Taken) -> Option<&mut Batch> {
        let config = &self.inner.config;
        let small = FIRST_BATCHES.saturating_sub(self.last_number);
        if let Some(last) = self.batches.back_mut() {
            let full = last.lines >= config.batch_lines >> small
                || last.expected_bytes >= as_u64(config.batch_bytes) >> small;
            last.closed |= full || (taken.object.broke_off && !last.is_empty());
        }
        if self.batches.back().is_none_or(|last| last.closed) {
            if self.batches.len() >= OPEN_BATCHES {
                return None;
            }
            self.last_number = self.last_number.saturating_add(1);
            let filling = Filling::new(
                self.last_number,
                self.hash_key.clone(),
                config.batch_bytes,
                self.changed.clone(),
            );
            self.batches.push_back(Batch::new(filling));
        }
        self.batches.back_mut()
    }

    /// Writes what is ready of the oldest batch, one thing at a time.
    fn start_writing(&mut self) -> Result<(), LakeError> {
        for batch in self.batches.iter_mut().skip(1).filter(|batch| batch.doomed) {
            batch.portion()?;
        }
        while self.writing.is_empty()
            && let Some(first) = self.batches.front_mut()
        {
            if first.is_whole() && (first.doomed || first.is_empty()) {
                if let Some(batch) = self.batches.pop_front() {
                    self.take_back(batch);
                }
                continue;
            }
            let Some(portion) = first.portion()? else { break };
            let sink = self.inner.sink.clone();
            self.writing.spawn(write(sink, portion));
        }
        Ok(())
    }

    /// Nothing of the batch stays, so all of it is read again.
    fn take_back(&mut self, batch: Batch) {
        let mut pending = self.inner.pending();
        for member in batch.members {
            let lines = member.object.lines;
            self.fetcher.seen.lines.fetch_sub(lines, Relaxed);
            pending.put_back(member.taken);
        }
    }

    /// An object was read, or not.
    fn settle(&mut self, read: Read) -> Result<(), LakeError> {
        let Read {
            number,
            taken,
            result,
        } = read;
        let batch = self
            .batches
            .iter_mut()
            .find(|batch| batch.filling.number == number);
        let Some(batch) = batch else {
            return Err(LakeError::Internal("an object of no batch".to_owned()));
        };
        batch.outstanding = batch.outstanding.saturating_sub(1);
        match result {
            Ok(fetched) => {
                batch.lines = batch.lines.saturating_add(fetched.object.lines);
                // Now it is known what it unpacks to.
                batch.expected_bytes = batch
                    .expected_bytes
                    .saturating_sub(expected_bytes(&taken))
                    .saturating_add(fetched.object.bytes);
                batch.members.push(Member {
                    taken,
                    object: fetched.object,
                    rejects: fetched.rejects,
                });
                self.failures_in_a_row = 0;
                self.width = self
                    .width
                    .saturating_add(1)
                    .min(self.inner.config.concurrency.max(1));
                Ok(())
            }
            Err(NotFetched { error, broke_off }) => {
                if broke_off {
                    batch.doomed = true;
                    batch.closed = true;
                }
                self.failed(taken, error, broke_off)
            }
        }
    }

    /// Decides what becomes of an object that was not read; an error when nothing else can be read either.
    fn failed(&mut self, mut taken: Taken, error: LakeError, broke_off: bool) -> Result<(), LakeError> {
        let said = error.to_string();
        let LakeError::Store(cause) = &error else {
            return Err(error);
        };
        taken.object.broke_off |= broke_off;
        taken.object.failures = taken.object.failures.saturating_add(1);
        let mut pending = self.inner.pending();
        match cause {
            StoreError::InvalidCredentials(_)
            | StoreError::NoSuchBucket(_)
            | StoreError::EndpointRefused(_) => return Err(error),
            // Gone: nothing is there to be read.
            StoreError::NoSuchKey(_) => pending.done(taken.ticket),
            StoreError::AccessDenied(_) | StoreError::NotSupported(_) => pending.give_up(taken, &said),
            StoreError::Precondition(_)
            | StoreError::Throttled(_)
            | StoreError::Unavailable(_)
            | StoreError::Timeout(_)
            | StoreError::Unreachable(_)
            | StoreError::BadAnswer(_) => {
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                if self.failures_in_a_row >= FAILURES_IN_A_ROW {
                    return Err(error);
                }
                self.width = (self.width / 2).max(1);
                if taken.object.failures > self.inner.config.retries {
                    pending.give_up(taken, &said);
                } else {
                    let doubled = 1_u32 << (taken.object.failures - 1).min(10);
                    let wait = self.inner.config.first_retry.saturating_mul(doubled);
                    pending.note(&said);
                    pending.delay(taken, self.inner.clock.elapsed().saturating_add(wait));
                }
            }
        }
        drop(pending);
        self.inner
            .status
            .send_modify(|status| status.last_error = Some(said));
        Ok(())
    }

    /// A part of the oldest batch was written, or all of it.
    fn written(&mut self, written: Written) -> Result<(), LakeError> {
        let Written { number, sink, result } = written;
        let rows = result?;
        let Some(first) = self
            .batches
            .front_mut()
            .filter(|first| first.filling.number == number)
        else {
            return Err(LakeError::Internal("a batch that nobody filled".to_owned()));
        };
        if !rows.committed {
            first.sink = sink;
            for (object, count) in rows.duplicates {
                let sum = first.duplicates.entry(object).or_default();
                *sum = sum.saturating_add(count);
            }
            return Ok(());
        }
        let batch = self.batches.pop_front();
        let members = batch.map(|batch| batch.members).unwrap_or_default();
        let duplicates: u64 = rows.duplicates.values().sum();
        let mut pending = self.inner.pending();
        for member in &members {
            pending.done(member.taken.ticket);
        }
        drop(pending);
        self.inner.status.send_modify(|status| {
            status.objects_read += as_u64(members.len());
            status.duplicates += duplicates;
            for Member { object, .. } in &members {
                status.records += object.records.saturating_add(object.cdn_records);
                status.rejected += object.rejected;
                status.objects_failed += u64::from(object.failure.is_some());
            }
            // What members say is from before anything was left out.
            status.records = status.records.saturating_sub(duplicates);
        });
        self.tell(true);
        Ok(())
    }

    /// Tells how far it is.
    fn tell(&mut self, at_once: bool) {
        let now = self.inner.clock.elapsed();
        if !at_once && self.told_at.is_some_and(|at| now.saturating_sub(at) < TELL_EVERY) {
            return;
        }
        self.told_at = Some(now);
        let seen: &Seen = &self.fetcher.seen;
        let (bytes, lines) = (seen.bytes.load(Relaxed), seen.lines.load(Relaxed));
        let [lines_per_second, bytes_per_second] = self.rate.note(now, [lines, bytes]);
        let (objects_pending, bytes_pending) = self.inner.pending().left();
        self.inner.status.send_modify(|status| {
            status.lines = lines;
            status.bytes_read = bytes;
            status.lines_per_second = lines_per_second;
            status.objects_pending = objects_pending;
            status.bytes_pending = bytes_pending;
            status.seconds_left = (bytes_per_second > 0.0).then(|| as_f64(bytes_pending) / bytes_per_second);
        });
    }
}

/// Writes a part of a batch, and commits it with the last.
async fn write(sink: Arc<dyn LogSink>, portion: Portion) -> Written {
    let number = portion.number;
    let mut batch = portion.sink;
    let result = write_portion(&*sink, &mut batch, portion.ready, portion.last).await;
    Written {
        number,
        sink: batch,
        result,
    }
}

async fn write_portion(
    sink: &dyn LogSink,
    batch: &mut Option<Box<dyn BatchSink>>,
    ready: Ready,
    last: Option<Last>,
) -> Result<WrittenRows, LakeError> {
    let mut open = match batch.take() {
        Some(open) => open,
        None => sink.begin().await?,
    };
    let (mut requests, mut cdn) = (Vec::new(), Vec::new());
    for weighed in ready.rows {
        match weighed.rows {
            Rows::Requests(rows) => requests.push(rows),
            Rows::Cdn(rows) => cdn.push(rows),
        }
    }
    let mut duplicates = if requests.is_empty() && cdn.is_empty() {
        HashMap::new()
    } else {
        open.write(requests, cdn).await?
    };
    drop(ready.room);
    let Some(last) = last else {
        *batch = Some(open);
        return Ok(WrittenRows {
            duplicates,
            committed: false,
        });
    };
    for (object, count) in last.duplicates {
        let sum: &mut u64 = duplicates.entry(object).or_default();
        *sum = sum.saturating_add(count);
    }
    let mut objects = last.objects;
    for object in &mut objects {
        leave_out(object, duplicates.get(&object.key).copied().unwrap_or(0));
    }
    open.commit(objects, last.rejects).await?;
    Ok(WrittenRows {
        duplicates,
        committed: true,
    })
}

/// So many of an object's records were there already. An object is a log of one kind.
fn leave_out(object: &mut LogObject, duplicates: u64) {
    object.duplicates = duplicates;
    let others = duplicates.saturating_sub(object.records);
    object.records = object.records.saturating_sub(duplicates);
    object.cdn_records = object.cdn_records.saturating_sub(others);
}

/// What an object is likely to unpack to.
fn expected_bytes(taken: &Taken) -> u64 {
    let key = &taken.object.key;
    let packed = [".gz", ".zst"].iter().any(|ending| key.ends_with(ending));
    let times = if packed { 10 } else { 1 };
    taken.object.size_bytes.saturating_mul(times)
}

fn died(error: tokio::task::JoinError) -> LakeError {
    LakeError::Internal(format!("a part of reading ended: {error}"))
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
