//! Seven days of access logs that end when the demo starts.
//!
//! Nothing of them is kept: each object is made when it is read, and always the same. What is there and how long
//! it is, is found out when a log bucket is asked for the first time; that makes every object once.

mod cdn;
mod clients;
mod hour;
mod source;
mod stories;
mod traffic;
mod truth;

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::content::{Content, Made};
use crate::dice::{Dice, mix};
use crate::history::clients::Clients;
use crate::history::source::Source;
use crate::history::stories::Strangers;
use crate::history::traffic::Occasion;
use crate::log_delivery::{log_object, packed};
use crate::shared::{REGION, Shared};
use crate::store::seed_of;
use crate::world::{Etag, Object, World};

pub(crate) use crate::log_line::LogRecord;
pub use truth::{CdnTruth, LogBucketTruth, LogFigures, LogTruth};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;
const HOURS: i64 = 7 * 24;
const CLIENTS: usize = 420;
/// The bucket behind a CDN, and the hours that one log object of the CDN covers.
const BEHIND_CDN: &str = "prod-assets";
const CDN_HOURS: i64 = 6;
const CDN_ROWS: i64 = 420;

/// The history of a store, made when somebody wants it.
#[derive(Debug, Default)]
pub(crate) struct HistoryCell {
    history: Option<Arc<History>>,
    truth: OnceCell<Arc<LogTruth>>,
}

impl HistoryCell {
    pub(crate) fn new(history: Option<History>) -> Self {
        Self {
            history: history.map(Arc::new),
            truth: OnceCell::new(),
        }
    }

    pub(crate) fn history(&self) -> Option<&History> {
        self.history.as_deref()
    }

    /// Puts the log objects into their buckets, if this is one of them and it wasn't done.
    pub(crate) async fn wanted(&self, shared: &Arc<Shared>, bucket: &str) {
        let takes_logs = |history: &Arc<History>| {
            let mut sources = history.sources.iter();
            sources.any(|source| source.place.bucket == bucket)
        };
        if self.history.as_ref().is_some_and(takes_logs) {
            self.truth(shared).await;
        }
    }

    /// The true figures; `None` without a history.
    pub(crate) async fn truth(&self, shared: &Arc<Shared>) -> Option<Arc<LogTruth>> {
        let history = self.history.as_ref()?;
        let made = self.truth.get_or_try_init(|| async {
            let (history, shared) = (Arc::clone(history), Arc::clone(shared));
            tokio::task::spawn_blocking(move || Arc::new(history.fill(&shared))).await
        });
        made.await.ok().map(Arc::clone)
    }
}

/// What the history follows from.
#[derive(Debug)]
pub(crate) struct History {
    seed: u64,
    now: i64,
    /// The beginning of the first hour.
    begin: i64,
    sources: Vec<Source>,
    clients: Clients,
    strangers: Strangers,
}

/// A log object before it is stored.
struct Found {
    bucket: String,
    key: String,
    delivered: i64,
    object: Object,
}

impl History {
    pub(crate) fn new(world: &World, seed: u64, now: i64) -> Self {
        let begin = now - now.rem_euclid(HOUR) - HOURS * HOUR;
        Self {
            seed,
            now,
            begin,
            sources: Source::all(world, begin),
            clients: Clients::new(mix(seed), CLIENTS),
            strangers: Strangers::default(),
        }
    }

    /// One request as it would come now, and the records it leaves.
    pub(crate) fn live<'t>(&'t self, time: i64, dice: &mut Dice, out: &mut Vec<LogRecord<'t>>) {
        let all: f64 = self.sources.iter().map(|source| source.habit.per_hour).sum();
        let mut rest = dice.unit() * all;
        let Some(client) = self.clients.pick(dice) else {
            return;
        };
        for source in &self.sources {
            rest -= source.habit.per_hour;
            if rest < 0.0 {
                Occasion { source, client, time }.usual(dice, out);
                return;
            }
        }
    }

    /// The record of an upload; `None` where nothing is logged.
    pub(crate) fn upload<'t>(
        &'t self,
        bucket: &str,
        (key, size): (&'t str, u64),
        time: i64,
        dice: &mut Dice,
    ) -> Option<LogRecord<'t>> {
        let occasion = self.occasion(bucket, time, dice)?;
        Some(occasion.put(key.into(), size, None, dice))
    }

    /// The record of a deletion; `None` where nothing is logged.
    pub(crate) fn deletion<'t>(
        &'t self,
        bucket: &str,
        key: &'t str,
        time: i64,
        dice: &mut Dice,
    ) -> Option<LogRecord<'t>> {
        let occasion = self.occasion(bucket, time, dice)?;
        Some(occasion.delete(key.into(), None, dice))
    }

    fn occasion(&self, bucket: &str, time: i64, dice: &mut Dice) -> Option<Occasion<'_>> {
        let source = self.sources.iter().find(|source| source.bucket == bucket)?;
        let client = self.clients.pick(dice)?;
        Some(Occasion { source, client, time })
    }

    fn fill(self: &Arc<Self>, shared: &Shared) -> LogTruth {
        let mut truth = LogTruth::default();
        let mut found = Vec::new();
        for index in 0..self.sources.len() {
            self.find(index, &mut truth, &mut found);
        }
        let mut world = shared.write();
        for Found {
            bucket,
            key,
            delivered,
            object,
        } in found
        {
            world.put(&bucket, &key, object, delivered);
        }
        truth
    }

    fn find(self: &Arc<Self>, index: usize, truth: &mut LogTruth, found: &mut Vec<Found>) {
        let Some(source) = self.sources.get(index) else {
            return;
        };
        let of_bucket = truth.log_buckets.entry(source.place.bucket.clone()).or_default();
        for hour in 0..=HOURS {
            let text = self.hour(source, hour, Some(of_bucket));
            if text.is_empty() {
                continue;
            }
            of_bucket.objects += 1;
            let body = Body {
                history: Arc::clone(self),
                source: index,
                part: Part::Hour(hour),
            };
            let delivered = self.delivered(source, hour);
            let day = self.begin + hour * HOUR;
            let serial = (1 << 40) | u64::try_from(hour).unwrap_or(0);
            found.push(Found {
                bucket: source.place.bucket.clone(),
                key: source
                    .place
                    .key(REGION, (delivered, day - day.rem_euclid(DAY)), serial),
                delivered,
                object: body.object(&text),
            });
        }
        if source.bucket == BEHIND_CDN {
            for part in 0..HOURS / CDN_HOURS {
                found.push(self.cdn_object((index, source), part, of_bucket));
            }
        }
    }

    fn cdn_object(
        self: &Arc<Self>,
        (index, source): (usize, &Source),
        part: i64,
        truth: &mut LogBucketTruth,
    ) -> Found {
        let text = self.cdn(source, part, &mut truth.cdn);
        let body = Body {
            history: Arc::clone(self),
            source: index,
            part: Part::Cdn(part),
        };
        let end = self.begin + (part + 1) * CDN_HOURS * HOUR;
        let (year, month, day) = crate::civil::date_of(end);
        let (hour, unique) = (
            end.rem_euclid(DAY) / HOUR,
            mix(self.seed ^ end.unsigned_abs()) >> 32,
        );
        Found {
            bucket: source.place.bucket.clone(),
            key: format!("access/cdn/E2NORTHWIND.{year}-{month:02}-{day:02}-{hour:02}.{unique:08x}.gz"),
            delivered: end,
            object: body.object(&text),
        }
    }

    /// When the object of an hour came: up to fifty minutes after it.
    fn delivered(&self, source: &Source, hour: i64) -> i64 {
        let delay = 300 + self.chance(source, hour, 0x00de_1a7e).below(2_700);
        let end = self.begin + (hour + 1) * HOUR;
        (end + i64::try_from(delay).unwrap_or(0)).min(self.now)
    }

    fn chance(&self, source: &Source, hour: i64, index: u64) -> Dice {
        let place = mix(seed_of(&source.bucket, "") ^ hour.unsigned_abs());
        Dice::new(mix(place ^ mix(self.seed.wrapping_add(index))))
    }

    fn cdn(&self, source: &Source, part: i64, truth: &mut CdnTruth) -> Vec<u8> {
        let begin = self.begin + part * CDN_HOURS * HOUR;
        let mut dice = self.chance(source, part, 0x00cd_0000_0000);
        let count = CDN_ROWS / 2 + i64::try_from(dice.below(CDN_ROWS.unsigned_abs())).unwrap_or(0);
        cdn::object(
            source,
            &self.clients,
            (begin, CDN_HOURS * HOUR, count),
            &mut dice,
            truth,
        )
    }
}

/// The bytes of a log object, made on reading.
struct Body {
    history: Arc<History>,
    source: usize,
    part: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Hour(i64),
    Cdn(i64),
}

impl Body {
    fn object(self, text: &[u8]) -> Object {
        let place = self.history.sources.get(self.source).map(|source| &source.place);
        let gzip = place.is_some_and(|place| place.gzip) || matches!(self.part, Part::Cdn(_));
        let size = if gzip { packed(text).len() } else { text.len() } as u64;
        let part = match self.part {
            Part::Hour(hour) => hour,
            Part::Cdn(part) => part << 32,
        };
        let seed = mix(self.history.seed ^ part.unsigned_abs()) ^ self.source as u64;
        log_object(Content::made(Arc::new(self), size), Etag::scattered(seed, size))
    }
}

impl Made for Body {
    fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        let gone = || io::Error::other("the log object can't be made again");
        let source = self.history.sources.get(self.source).ok_or_else(gone)?;
        let (text, gzip) = match self.part {
            Part::Hour(hour) => (self.history.hour(source, hour, None), source.place.gzip),
            Part::Cdn(part) => (self.history.cdn(source, part, &mut CdnTruth::default()), true),
        };
        let bytes = Bytes::from(if gzip { packed(&text) } else { text });
        let end = usize::try_from(range.end).map_err(io::Error::other)?;
        let start = usize::try_from(range.start).map_err(io::Error::other)?;
        if end > bytes.len() {
            return Err(gone());
        }
        Ok(bytes.slice(start..end))
    }
}
