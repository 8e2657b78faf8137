//! Which objects there are.

use spacewatch_model::{BucketName, ObjectKey, Prefix, TimeRange};
use spacewatch_s3::{ObjectSummary, Store};

use crate::SnapshotError;
use crate::place::{Day, Kind, folders, read_name};

/// Keys looked at for one answer at most.
const MAX_KEYS: usize = 500_000;
/// Keys of one page.
const PAGE: usize = 1000;

/// An object whose name says that it holds snapshots.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) key: ObjectKey,
    /// The key behind the prefix.
    pub(crate) name: String,
    pub(crate) day: Day,
    pub(crate) kind: Kind,
    pub(crate) etag: Option<String>,
    pub(crate) bytes: u64,
}

/// The objects in the folders of a period, by key.
///
/// Pages are asked for one after the other: what replaces objects has a key behind theirs and is there before they go, so
/// whoever lists in this order sees every record.
pub(crate) async fn list(
    store: &Store,
    bucket: &BucketName,
    prefix: &Prefix,
    period: TimeRange,
) -> Result<Vec<Found>, SnapshotError> {
    let internal = |error: spacewatch_model::InvalidName| SnapshotError::Internal(error.to_string());
    let under = folders(prefix);
    // Whoever writes down a moment may do so a little later, in the next folder.
    let last = period.to.map(|to| Day::of(to).next());
    let mut after = match period.from {
        Some(from) => Some(
            format!("{prefix}{}", Day::of(from).folder())
                .parse()
                .map_err(internal)?,
        ),
        None => None,
    };
    let (mut found, mut seen) = (Vec::new(), 0_usize);
    loop {
        let page = store.list_page(bucket, &under, after.as_ref(), PAGE).await?;
        seen = seen.saturating_add(page.objects.len());
        for object in page.objects {
            match named(object, prefix) {
                Some(object) if last.is_some_and(|last| object.day > last) => return Ok(found),
                object => found.extend(object),
            }
        }
        if page.next.is_none() {
            return Ok(found);
        }
        if seen >= MAX_KEYS {
            return Err(SnapshotError::Limit {
                what: "keys",
                limit: u64::try_from(MAX_KEYS).unwrap_or(u64::MAX),
            });
        }
        after = page.next;
    }
}

fn named(object: ObjectSummary, prefix: &Prefix) -> Option<Found> {
    let name = object.key.as_str().strip_prefix(prefix.as_str())?.to_owned();
    let (day, kind) = read_name(&name)?;
    Some(Found {
        key: object.key,
        name,
        day,
        kind,
        etag: object.etag,
        bytes: object.size.0,
    })
}
