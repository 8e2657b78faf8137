//! Which objects a key read, wrote and deleted, and what it listed.

use futures::try_join;
use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::{Dimension, Used, Uses, UsesAsk, UsesRow};
use utoipa::ToSchema;

use super::Suspect;
use crate::ToolError;

/// What reading the content of an object is called, by several writers; a copy reads its source.
pub(super) const READS: [&str; 7] = [
    "REST.GET.OBJECT",
    "REST.S3_GET_OBJECT",
    "WEBSITE.GET.OBJECT",
    "SOAP.GET.OBJECT",
    "REST.COPY.OBJECT_GET",
    "REST.COPY.PART_GET",
    "REST.SELECT.OBJECT",
];
/// What writing one is called. The parts of an upload count when they come, not once more at its end.
pub(super) const WRITES: [&str; 8] = [
    "REST.PUT.OBJECT",
    "REST.PUT.PART",
    "REST.S3_PUT_OBJECT",
    "REST.S3_PUT_PART",
    "REST.POST.OBJECT",
    "REST.COPY.OBJECT",
    "REST.COPY.PART",
    "SOAP.PUT.OBJECT",
];
/// What deleting one is called. Of many deleted at once, each has a line of its own.
pub(super) const DELETES: [&str; 4] = [
    "REST.DELETE.OBJECT",
    "BATCH.DELETE.OBJECT",
    "REST.S3_DELETE_OBJECT",
    "SOAP.DELETE.OBJECT",
];
/// What listing is called.
pub(super) const LISTINGS: [&str; 5] = [
    "REST.GET.BUCKET",
    "REST.GET.BUCKETVERSIONS",
    "REST.GET.UPLOADS",
    "REST.S3_LIST_OBJECTS",
    "REST.S3_LIST_OBJECT_VERSIONS",
];
/// Asking to delete many at once.
pub(super) const DELETIONS_OF_MANY: [&str; 2] =
    ["REST.POST.MULTI_OBJECT_DELETE", "REST.POST.DELETE_MULTI_OBJECT"];
/// What each of the many has a line as.
pub(super) const ONE_OF_MANY: &str = "BATCH.DELETE.OBJECT";

/// How much was read, written or deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Touched {
    /// How often.
    pub times: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Of how many different objects.
    pub objects: u64,
}

/// An object that was read, written or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TouchedObject {
    /// Its bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How often.
    pub times: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The first time.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last time.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// A prefix that was listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyListing {
    /// The bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The prefix; empty is the whole bucket, absent where the log doesn't tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// How many listings, each page one.
    pub listings: u64,
    /// The first of them.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last of them.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// What was done to objects.
pub(super) struct Deeds {
    pub(super) read: Deed,
    pub(super) wrote: Deed,
    pub(super) deleted: Deed,
    pub(super) listed: Vec<KeyListing>,
    pub(super) listings: u64,
    pub(super) listed_prefixes: u64,
}

pub(super) struct Deed {
    pub(super) total: Touched,
    pub(super) rows: Vec<TouchedObject>,
}

impl Deeds {
    /// Each list with how long it is and how much of it is shown.
    pub(super) fn shown(&self) -> [(&'static str, u64, usize); 4] {
        [
            ("read", self.read.total.objects, self.read.rows.len()),
            ("wrote", self.wrote.total.objects, self.wrote.rows.len()),
            ("deleted", self.deleted.total.objects, self.deleted.rows.len()),
            ("listed", self.listed_prefixes, self.listed.len()),
        ]
    }
}

impl Suspect<'_> {
    /// What it did to objects since the leak, where it was let.
    pub(super) async fn deeds(&self) -> Result<Deeds, ToolError> {
        let object = [Dimension::Bucket, Dimension::Key];
        let sent = |used: &Used| used.bytes_sent;
        let stored = |used: &Used| used.object_bytes;
        let (listed, read, wrote, deleted) = try_join!(
            self.done(&LISTINGS, &[Dimension::Bucket, Dimension::ListedPrefix]),
            self.done(&READS, &object),
            self.done(&WRITES, &object),
            self.done(&DELETES, &object),
        )?;
        Ok(Deeds {
            read: deed(read, sent),
            wrote: deed(wrote, stored),
            deleted: deed(deleted, stored),
            listings: listed.since.map_or(0, |since| since.records),
            listed_prefixes: listed.distinct,
            listed: listed.rows.into_iter().map(listing).collect(),
        })
    }

    async fn done(&self, operations: &[&str], by: &[Dimension]) -> Result<Uses, ToolError> {
        let ask = UsesAsk {
            filter: self.since(),
            operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
            done: true,
            by: by.to_vec(),
            since: self.leaked,
            limit: self.limit,
        };
        Ok(self.lake.uses(&ask).await?)
    }
}

fn deed(uses: Uses, bytes: fn(&Used) -> u64) -> Deed {
    let total = Touched {
        times: uses.since.map_or(0, |since| since.records),
        bytes: uses.since.as_ref().map_or(0, bytes),
        objects: uses.distinct,
    };
    let rows = uses.rows.into_iter().map(|row| {
        let (used, [bucket, key]) = (row.since, pair(row));
        TouchedObject {
            bucket,
            key,
            times: used.records,
            bytes: bytes(&used),
            first_seen: used.first,
            last_seen: used.last,
        }
    });
    Deed {
        total,
        rows: rows.collect(),
    }
}

fn listing(row: UsesRow) -> KeyListing {
    let (used, [bucket, prefix]) = (row.since, pair(row));
    KeyListing {
        bucket,
        prefix,
        listings: used.records,
        first_seen: used.first,
        last_seen: used.last,
    }
}

fn pair(row: UsesRow) -> [Option<String>; 2] {
    let mut values = row.values.into_iter();
    [values.next().flatten(), values.next().flatten()]
}
