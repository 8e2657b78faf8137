//! One log, remembered: the questions it answers.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::{BucketName, Clock, Coverage, Prefix, TimeRange, Timestamp};
use spacewatch_s3::{Progress, Store};
use tokio::sync::{mpsc, watch};

use crate::answers::{Answers, Scope};
use crate::coverage::{self, Known};
use crate::ingest::{Ingest, IngestPhase, IngestStatus};
use crate::maintenance::oldest_kept;
use crate::query::{
    Activity, ActivityAsk, CdnActivity, CdnAsk, Census, CensusAsk, DeedsAsk, Dimension, Dossier, DossierAsk,
    Engine, Found, Interval, IntervalAsk, KeyDay, KeyDeed, KeysAsk, Latency, LatencyAsk, LogObjectRow,
    PeakAsk, Peaks, Position, RecordRow, Reject, SignatureAsk, Signatures, SizeAsk, Sizes, SqlAnswer,
    SqlLimits, Top, TopAsk, Uses, UsesAsk,
};
use crate::tables::{LakeSnapshot, LakeTables};
use crate::{LakeError, RecordFilter};

/// A question that doesn't insist waits so long for what is not read yet.
const MOMENT: Duration = Duration::from_secs(2);

/// Where access logs are delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// The bucket.
    pub bucket: BucketName,
    /// Where in it.
    pub prefix: Prefix,
}

/// How long a question waits for log objects that are not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patience {
    /// A moment, so that a small log is complete at the first question; then the answer says what is missing.
    #[default]
    Brief,
    /// Until everything that may hold records of the period was read.
    Complete,
}

/// What all questions to one log share.
pub(crate) struct OneLake {
    pub(crate) source: LogSource,
    pub(crate) tables: LakeTables,
    pub(crate) engine: Engine,
    pub(crate) answers: Answers,
    pub(crate) ingest: Ingest,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long records are kept.
    pub(crate) retention: Option<Duration>,
}

/// One log as one set of credentials sees it. Cheap to clone; lives as long as the question it was opened for.
#[derive(Clone)]
pub struct Lake {
    store: Store,
    lake: Arc<OneLake>,
    /// How old a listing of the log bucket may be, where that is said.
    fresh_for: Option<Duration>,
}

impl Lake {
    pub(crate) fn new(store: Store, lake: Arc<OneLake>) -> Self {
        Self {
            store,
            lake,
            fresh_for: None,
        }
    }

    /// The same for somebody who looks again and again: the log bucket is listed anew when its listing is older than this.
    #[must_use]
    pub fn listed_within(self, fresh_for: Option<Duration>) -> Self {
        Self { fresh_for, ..self }
    }

    /// Makes sure that these credentials read the log now, sees to it that what is new is read (what may hold records of
    /// `period` first), and waits for it as long as asked. Reading goes on when the wait ends.
    pub async fn freshen(
        &self,
        period: TimeRange,
        patience: Patience,
        progress: &Progress,
    ) -> Result<(), LakeError> {
        let source = &self.lake.source;
        self.store.ensure_readable(&source.bucket, &source.prefix).await?;
        match self.fresh_for {
            Some(fresh_for) => self.lake.ingest.start_within(&self.store, period, fresh_for),
            None => self.lake.ingest.start(&self.store, period),
        }
        let settled = self.settled(period, progress);
        match patience {
            Patience::Complete => settled.await,
            // Whoever doesn't wait is told what is missing.
            Patience::Brief => drop(tokio::time::timeout(MOMENT, settled).await),
        }
        Ok(())
    }

    /// Waits until what may hold records of the period was read or reading ended, and shows how far it is.
    async fn settled(&self, period: TimeRange, progress: &Progress) {
        let mut status = self.watch_ingest();
        let mut shown = (0, 0);
        let mut settled = std::pin::pin!(self.lake.ingest.settled(period));
        loop {
            let (objects, bytes) = {
                let status = status.borrow_and_update();
                (status.objects_read, status.bytes_read)
            };
            progress.add_objects(objects.saturating_sub(shown.0), bytes.saturating_sub(shown.1));
            shown = (objects, bytes);
            tokio::select! {
                biased;
                () = &mut settled => return,
                changed = status.changed() => if changed.is_err() { return },
            }
        }
    }

    /// What an answer over this period rests on.
    pub async fn coverage(
        &self,
        bucket: Option<&BucketName>,
        period: TimeRange,
    ) -> Result<Coverage, LakeError> {
        let snapshot = self.snapshot().await?;
        let read = self.lake.engine.read_objects(&snapshot, period).await?;
        let pending = self.lake.ingest.pending_for(period);
        let phase = self.lake.ingest.status().phase;
        let now = self.lake.clock.now();
        let made_room = self.lake.tables.kept_from().await?;
        let known = Known {
            kept_from: made_room.max(oldest_kept(now, self.lake.retention)),
            listed_at: pending.listed_at,
            pending: pending.objects.saturating_add(pending.failed),
            read,
            newest_record: newest_record(&snapshot, bucket),
            locked: phase == IngestPhase::Locked,
            last_error: pending
                .last_error
                .or_else(|| self.ingest_status().last_error)
                .filter(|_| phase != IngestPhase::Idle || pending.failed > 0),
        };
        Ok(coverage::assess(known, period, now))
    }

    /// How far reading is.
    pub fn ingest_status(&self) -> IngestStatus {
        self.lake.ingest.status()
    }

    /// How far reading is, as it goes on.
    pub fn watch_ingest(&self) -> watch::Receiver<IngestStatus> {
        self.lake.ingest.watch()
    }

    /// Stops reading; a later question goes on with it.
    pub fn cancel_ingest(&self) {
        self.lake.ingest.cancel();
    }

    /// Records, newest first.
    pub async fn search(
        &self,
        filter: &RecordFilter,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<Found, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.search(&snapshot, filter, limit, after);
        let ask = (filter, limit, after);
        let question = ("search", Scope::of(filter), &ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// The record that stands at that place of a log object, with its line.
    pub async fn record_at(&self, log_object: &str, offset: u64) -> Result<Option<RecordRow>, LakeError> {
        let snapshot = self.snapshot().await?;
        self.lake.engine.record_at(&snapshot, log_object, offset).await
    }

    /// What is asked for most.
    pub async fn top(&self, ask: &TopAsk) -> Result<Top, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.top(&snapshot, ask);
        let question = ("top", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// What was used since a moment, and what of it was not before.
    pub async fn uses(&self, ask: &UsesAsk) -> Result<Uses, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.uses(&snapshot, ask);
        let question = ("uses", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// How much of everything, by step and by dimension.
    pub async fn activity(&self, ask: &ActivityAsk) -> Result<Vec<Activity>, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.activity(&snapshot, ask);
        let question = ("activity", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// How much clients asked in intervals that follow each other, in order; those without requests as well.
    pub async fn intervals(&self, ask: &IntervalAsk) -> Result<Vec<Interval>, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.intervals(&snapshot, ask);
        let ends = ask.edges.iter().min().zip(ask.edges.iter().max());
        let scope = ends.map_or(Scope::of(&ask.filter), |(from, to)| {
            Scope::between(&ask.filter, *from, *to)
        });
        self.lake
            .answers
            .of(&snapshot, ("intervals", scope, ask as _), work)
            .await
    }

    /// How many requests took how long, exactly.
    pub async fn latency(&self, ask: &LatencyAsk) -> Result<Vec<Latency>, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.latency(&snapshot, ask);
        let question = ("latency", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// How large requests were, exactly or by classes.
    pub async fn sizes(&self, ask: &SizeAsk) -> Result<Vec<Sizes>, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.sizes(&snapshot, ask);
        let question = ("sizes", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// Which keys were read on which days, from the bucket or from its CDN, in the order of the keys: sent as they come, until nobody
    /// takes them any more.
    pub async fn keys_read(&self, ask: &KeysAsk, rows: mpsc::Sender<Vec<KeyDay>>) -> Result<(), LakeError> {
        let snapshot = self.snapshot().await?;
        self.lake.engine.keys_read(&snapshot, ask, rows).await
    }

    /// What was done to keys and succeeded, in the order of the keys and then of time: sent as it comes, until nobody takes it any more.
    pub async fn deeds(&self, ask: &DeedsAsk, rows: mpsc::Sender<Vec<KeyDeed>>) -> Result<(), LakeError> {
        let snapshot = self.snapshot().await?;
        self.lake.engine.deeds(&snapshot, ask, rows).await
    }

    /// What all clients did in a period, and who of them stands out: in one pass.
    pub async fn census(&self, ask: &CensusAsk) -> Result<Census, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.census(&snapshot, ask);
        let question = ("census", Scope::between(&ask.filter, ask.from, ask.to), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// What some clients did, in the order in which they did it.
    pub async fn dossiers(&self, ask: &DossierAsk) -> Result<Vec<Dossier>, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.dossiers(&snapshot, ask);
        let question = ("dossiers", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// Presigned links that several addresses used.
    pub async fn signatures(&self, ask: &SignatureAsk) -> Result<Signatures, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.signatures(&snapshot, ask);
        let question = ("signatures", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// The highest numbers of requests in some seconds.
    pub async fn peaks(&self, ask: &PeakAsk) -> Result<Peaks, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.peaks(&snapshot, ask);
        let question = ("peaks", Scope::of(&ask.filter), ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// How many different values there are.
    pub async fn distinct(&self, filter: &RecordFilter, dimension: Dimension) -> Result<u64, LakeError> {
        let snapshot = self.snapshot().await?;
        let work = self.lake.engine.distinct(&snapshot, filter, dimension);
        let ask = (filter, dimension);
        let question = ("distinct", Scope::of(filter), &ask as _);
        self.lake.answers.of(&snapshot, question, work).await
    }

    /// What the CDN served.
    pub async fn cdn_activity(&self, ask: &CdnAsk) -> Result<Vec<CdnActivity>, LakeError> {
        self.lake.engine.cdn_activity(&self.snapshot().await?, ask).await
    }

    /// The log objects that hold records of a bucket and a period, those of its CDN as well, newest first; a position names the last
    /// record of an object, and the object.
    pub async fn log_objects(
        &self,
        filter: &RecordFilter,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<(Vec<LogObjectRow>, u64), LakeError> {
        let snapshot = self.snapshot().await?;
        self.lake
            .engine
            .log_objects(&snapshot, filter, limit, after)
            .await
    }

    /// Lines and objects that could not be read, newest first, and how many there are.
    pub async fn rejects(
        &self,
        period: TimeRange,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<(Vec<Reject>, u64), LakeError> {
        let snapshot = self.snapshot().await?;
        self.lake.engine.rejects(&snapshot, period, limit, after).await
    }

    /// One `SELECT` over the tables `requests`, `cdn`, `rejects` and `log_objects`.
    pub async fn sql(&self, text: &str, limits: SqlLimits) -> Result<SqlAnswer, LakeError> {
        self.lake.engine.sql(&self.snapshot().await?, text, limits).await
    }

    /// When the oldest and the newest record of the log were received. Files know it, so nothing is read.
    pub async fn recorded(&self) -> Result<Option<(Timestamp, Timestamp)>, LakeError> {
        let snapshot = self.snapshot().await?;
        let times = || snapshot.requests.files.iter().filter_map(|file| file.times);
        let ends = times()
            .map(|(oldest, _)| oldest)
            .min()
            .zip(times().map(|(_, newest)| newest).max());
        let moment = |micros| Timestamp::from_microsecond(micros).ok();
        Ok(ends.and_then(|(oldest, newest)| moment(oldest).zip(moment(newest))))
    }

    async fn snapshot(&self) -> Result<Arc<LakeSnapshot>, LakeError> {
        self.lake.tables.snapshot().await
    }
}

/// The newest record of a bucket, or of all. Files know it, so nothing is read.
fn newest_record(snapshot: &LakeSnapshot, bucket: Option<&BucketName>) -> Option<Timestamp> {
    let fits = |file: &Option<String>| bucket.is_none_or(|bucket| file.as_deref() == Some(bucket.as_str()));
    let requests = snapshot.requests.files.iter().filter(|file| fits(&file.bucket));
    let newest = requests
        .filter_map(|file| file.times)
        .map(|(_, newest)| newest)
        .max();
    newest.and_then(|micros| Timestamp::from_microsecond(micros).ok())
}
