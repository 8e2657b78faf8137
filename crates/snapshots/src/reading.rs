//! Records of a period, from whatever objects hold them.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Prefix, TimeRange};
use spacewatch_s3::Store;
use utoipa::ToSchema;

use crate::fetching::Gathered;
use crate::held::Seen;
use crate::listing::Found;
use crate::place::Kind;
use crate::{Place, SnapshotError, SnapshotRecord, Snapshots};

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
