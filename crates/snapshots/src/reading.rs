//! Records of a period, from whatever objects hold them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::BytesMut;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Prefix, TimeRange};
use spacewatch_s3::{Progress, Store, StoreError};
use utoipa::ToSchema;

use crate::cache::CacheKey;
use crate::held::{Held, Seen};
use crate::listing::{self, Found};
use crate::place::{Kind, folders};
use crate::{Place, SnapshotError, SnapshotRecord, Snapshots};

/// Objects fetched at once.
const AT_ONCE: usize = 32;
/// How often a listing is read anew because what it named was replaced meanwhile.
const ATTEMPTS: usize = 5;
/// Bytes of one object.
const MAX_OBJECT: u64 = 64 << 20;
/// Bytes of all objects of one answer.
const MAX_PACKED: u64 = 512 << 20;
/// Bytes that they unpack to.
const MAX_UNPACKED: u64 = 2 << 30;
/// Records of one answer.
const MAX_RECORDS: usize = 1_000_000;

/// What snapshots are of: a bucket, and a prefix in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = SnapshotSource)]
pub struct Source {
    /// The bucket.
    #[serde(rename = "source_bucket")]
    pub bucket: BucketName,
    /// The prefix.
    #[serde(rename = "source_prefix")]
    pub prefix: Prefix,
}

impl Source {
    /// What a record is of.
    pub fn of(record: &SnapshotRecord) -> Self {
        Self {
            bucket: record.source_bucket.clone(),
            prefix: record.source_prefix.clone(),
        }
    }

    /// Whether everything of `other` is in this as well.
    pub fn holds(&self, other: &Self) -> bool {
        self.bucket == other.bucket && other.prefix.as_str().starts_with(self.prefix.as_str())
    }
}

/// Which records are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Taken when.
    pub period: TimeRange,
    /// Of what; of everything without.
    pub source: Option<Source>,
    /// With the addresses that asked most.
    pub top_ips: bool,
}

impl Wanted {
    /// Every record of a period.
    pub fn everything(period: TimeRange) -> Self {
        Self {
            period,
            source: None,
            top_ips: true,
        }
    }

    pub(crate) fn pass(&self, mut record: SnapshotRecord, give: &mut impl FnMut(SnapshotRecord)) {
        let of_source =
            |source: &Source| source.bucket == record.source_bucket && source.prefix == record.source_prefix;
        if !self.period.contains(record.ts) || !self.source.as_ref().is_none_or(of_source) {
            return;
        }
        if !self.top_ips {
            record.top_ips = Vec::new();
        }
        give(record);
    }
}

/// The records of a period.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// By time; each once, in however many objects it stands.
    pub records: Vec<SnapshotRecord>,
    /// What they rest on.
    pub reading: Reading,
}

/// Of what there are records in a period.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// By name.
    pub spans: Vec<SourceSpan>,
    /// What they rest on.
    pub reading: Reading,
}

/// A source, and when it was looked at first and last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SnapshotSourceSpan)]
pub struct SourceSpan {
    /// What.
    #[serde(flatten)]
    pub source: Source,
    /// The first snapshot of it in the period.
    #[schema(value_type = String, format = DateTime)]
    pub first: Timestamp,
    /// The last one.
    #[schema(value_type = String, format = DateTime)]
    pub last: Timestamp,
}

/// What an answer from snapshots rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SnapshotReading)]
pub struct Reading {
    /// Objects looked at.
    pub objects_read: u64,
    /// Files of the Python original among them.
    pub objects_legacy: u64,
    /// Objects that could not be read, or not to their end.
    pub objects_broken: u64,
    /// Lines that are no records; they are left out.
    pub lines_broken: u64,
    /// Records that stand in more than one object; they count once.
    pub records_repeated: u64,
}

/// Spans by source.
#[derive(Debug, Default)]
pub(crate) struct Spans(BTreeMap<Source, (Timestamp, Timestamp)>);

impl Spans {
    pub(crate) fn add(&mut self, source: &Source, first: Timestamp, last: Timestamp) {
        match self.0.get_mut(source) {
            Some(span) => *span = (span.0.min(first), span.1.max(last)),
            None => {
                self.0.insert(source.clone(), (first, last));
            }
        }
    }

    pub(crate) fn add_record(&mut self, record: &SnapshotRecord) {
        self.add(&Source::of(record), record.ts, record.ts);
    }
}

/// Objects of an answer in memory.
struct Gathered {
    held: Vec<Arc<Held>>,
    unreadable: u64,
}

impl Gathered {
    fn reading(&self) -> Reading {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Reading {
            objects_read: count(self.held.len()),
            objects_legacy: count(self.held.iter().filter(|held| held.is_legacy()).count()),
            objects_broken: self.unreadable,
            ..Reading::default()
        }
    }
}

pub(crate) enum Fetched {
    Held(Arc<Held>),
    /// It is not there any more, or another one: what is there now has to be looked up.
    Gone,
    /// Larger than anything that SpaceWatch writes, or archived.
    Unreadable,
}

impl Snapshots {
    /// The records that are wanted.
    ///
    /// # Errors
    ///
    /// What the store says, or that there are more than one answer may hold. What is no record is counted instead.
    pub async fn read(
        &self,
        store: &Store,
        place: &Place,
        wanted: &Wanted,
    ) -> Result<History, SnapshotError> {
        let gathered = self.gather(store, place, wanted.period).await?;
        let wanted = wanted.clone();
        off_thread(move || records(&gathered, &wanted)).await
    }

    /// Of what there are records in a period, and from when to when.
    ///
    /// # Errors
    ///
    /// As [`Snapshots::read`].
    pub async fn sources(
        &self,
        store: &Store,
        place: &Place,
        period: TimeRange,
    ) -> Result<Sources, SnapshotError> {
        let gathered = self.gather(store, place, period).await?;
        let wanted = Wanted {
            top_ips: false,
            ..Wanted::everything(period)
        };
        off_thread(move || {
            let (mut spans, mut reading) = (Spans::default(), gathered.reading());
            for held in &gathered.held {
                note(&mut reading, held.spans(&wanted, &mut spans));
            }
            let spans = spans
                .0
                .into_iter()
                .map(|(source, (first, last))| SourceSpan { source, first, last });
            Ok(Sources {
                spans: spans.collect(),
                reading,
            })
        })
        .await
    }

    /// Everything of a period in memory, as these credentials may read it now.
    async fn gather(
        &self,
        store: &Store,
        place: &Place,
        period: TimeRange,
    ) -> Result<Gathered, SnapshotError> {
        let prefixes = readable(store, place).await?;
        for _ in 0..ATTEMPTS {
            let mut found = Vec::new();
            for prefix in &prefixes {
                found.extend(listing::list(store, &place.bucket, prefix, period).await?);
            }
            if let Some(gathered) = self.fetch_all(store, place, found).await? {
                return Ok(gathered);
            }
        }
        Err(SnapshotError::Changing)
    }

    async fn fetch_all(
        &self,
        store: &Store,
        place: &Place,
        found: Vec<Found>,
    ) -> Result<Option<Gathered>, SnapshotError> {
        let bytes = found
            .iter()
            .fold(0_u64, |sum, found| sum.saturating_add(found.bytes));
        if bytes > MAX_PACKED {
            return Err(SnapshotError::Limit {
                what: "bytes",
                limit: MAX_PACKED,
            });
        }
        let progress = Progress::default();
        let mut fetched = self.fetch_each(store, &place.bucket, &found, &progress);
        let mut gathered = Gathered {
            held: Vec::new(),
            unreadable: 0,
        };
        while let Some((_, fetched)) = fetched.try_next().await? {
            match fetched {
                Fetched::Held(held) => gathered.held.push(held),
                Fetched::Unreadable => gathered.unreadable = gathered.unreadable.saturating_add(1),
                Fetched::Gone => return Ok(None),
            }
        }
        Ok(Some(gathered))
    }

    /// Fetches objects many at once, and gives them in order, each with its place.
    pub(crate) fn fetch_each<'a>(
        &'a self,
        store: &'a Store,
        bucket: &'a BucketName,
        found: &'a [Found],
        progress: &'a Progress,
    ) -> BoxStream<'a, Result<(usize, Fetched), SnapshotError>> {
        let mut fetches: Vec<BoxFuture<'a, _>> = Vec::new();
        for (at, found) in found.iter().enumerate() {
            let fetch = async move { Ok((at, self.fetch(store, bucket, found, progress).await?)) };
            fetches.push(fetch.boxed());
        }
        stream::iter(fetches).buffered(AT_ONCE).boxed()
    }

    async fn fetch(
        &self,
        store: &Store,
        bucket: &BucketName,
        found: &Found,
        progress: &Progress,
    ) -> Result<Fetched, SnapshotError> {
        if found.bytes > MAX_OBJECT {
            return Ok(Fetched::Unreadable);
        }
        let cache_key = found.etag.clone().map(|etag| CacheKey {
            tenant: store.fingerprint(),
            bucket: bucket.clone(),
            key: found.key.clone(),
            etag,
        });
        if let Some(held) = cache_key.as_ref().and_then(|key| self.cache.find(key)) {
            return Ok(Fetched::Held(held));
        }
        let bytes = match download(store, bucket, found, progress).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Fetched::Unreadable),
            Err(StoreError::NoSuchKey(_) | StoreError::Precondition(_)) => return Ok(Fetched::Gone),
            Err(StoreError::NotSupported(_)) => return Ok(Fetched::Unreadable),
            Err(error) => return Err(error.into()),
        };
        let kind = found.kind;
        let held = Arc::new(off_thread(move || Ok(Held::read(bytes, kind))).await?);
        if let Some(key) = cache_key {
            self.cache.keep(key, &held);
        }
        Ok(Fetched::Held(held))
    }
}

/// Where these credentials may read now: objects already read are given out only there. Keys for one prefix alone do
/// without what the original left at the root.
async fn readable(store: &Store, place: &Place) -> Result<Vec<Prefix>, SnapshotError> {
    let mut prefixes = Vec::new();
    for prefix in place.read_prefixes() {
        match store.ensure_readable(&place.bucket, &folders(&prefix)).await {
            Ok(()) => prefixes.push(prefix),
            Err(StoreError::AccessDenied(_)) if !prefixes.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(prefixes)
}

/// The object's bytes; none if there are more than the listing said there may be.
async fn download(
    store: &Store,
    bucket: &BucketName,
    found: &Found,
    progress: &Progress,
) -> Result<Option<bytes::Bytes>, StoreError> {
    let mut stream = store
        .open_object(bucket, &found.key, found.etag.as_deref(), progress)
        .await?;
    let mut bytes = BytesMut::new();
    while let Some(part) = stream.next().await? {
        bytes.extend_from_slice(&part);
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_OBJECT) {
            return Ok(None);
        }
    }
    Ok(Some(bytes.freeze()))
}

fn records(gathered: &Gathered, wanted: &Wanted) -> Result<History, SnapshotError> {
    let (mut records, mut reading) = (Vec::new(), gathered.reading());
    let (mut known, mut unpacked) = (HashSet::new(), 0_u64);
    for held in &gathered.held {
        let seen = held.records(wanted, |record: SnapshotRecord| {
            if records.len() > MAX_RECORDS {
                return;
            }
            if known.insert(record.id) {
                records.push(record);
            } else {
                reading.records_repeated = reading.records_repeated.saturating_add(1);
            }
        });
        note(&mut reading, seen);
        unpacked = unpacked.saturating_add(seen.bytes);
        if records.len() > MAX_RECORDS {
            return Err(SnapshotError::Limit {
                what: "records",
                limit: u64::try_from(MAX_RECORDS).unwrap_or(u64::MAX),
            });
        }
        if unpacked > MAX_UNPACKED {
            return Err(SnapshotError::Limit {
                what: "bytes",
                limit: MAX_UNPACKED,
            });
        }
    }
    records.sort_by_key(|record| (record.ts, record.id));
    Ok(History { records, reading })
}

fn note(reading: &mut Reading, seen: Seen) {
    reading.lines_broken = reading.lines_broken.saturating_add(seen.lines_broken);
    reading.objects_broken = reading.objects_broken.saturating_add(seen.objects_broken);
}

/// Unpacking and parsing keeps no thread busy that others' requests wait for.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SnapshotError> + Send + 'static,
) -> Result<T, SnapshotError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(SnapshotError::Internal(error.to_string())))
}

/// Whether an object is one of ours, which may be replaced.
pub(crate) fn is_own(found: &Found) -> bool {
    found.kind != Kind::Legacy
}
