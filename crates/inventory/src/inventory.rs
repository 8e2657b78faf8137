//! One bucket's inventories as one set of credentials sees them: scans, and the questions they answer.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use serde::Serialize;
use spacewatch_model::{BucketName, ObjectKey, Prefix, Timestamp};
use spacewatch_s3::{Progress, Store};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::entry::StoredObject;
use crate::inventories::Inner;
use crate::kept::{self, Note};
use crate::question::duplicates::{self, Bounds};
use crate::question::odd_names::{self, OddFilter};
use crate::question::uploads::{self, UploadOrder};
use crate::question::{Source, Waiting, diff, export, folders};
use crate::scan::Scan;
use crate::summary::{self, RankedObject, Summing};
use crate::{
    DuplicateList, ExportFormat, InventoryError, KeyPair, Kind, OddList, PrefixList, ScanPhase, ScanStatus,
    Summary, TreeNode, UploadList, VersionsSeen,
};

/// Keys on a page of a listing.
const PAGE_KEYS: u64 = 1000;

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InventoryBasis)]
pub struct Basis {
    /// When the scan began. It lasted until `finished_at`, and is no picture of one moment: what changed meanwhile may be in it or not.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// When the scan ended.
    #[schema(value_type = String, format = DateTime)]
    pub finished_at: Timestamp,
    /// Seconds since the scan began.
    pub age_seconds: u64,
    /// Under which prefix it looked; empty for the whole bucket.
    pub scanned_prefix: Prefix,
    /// Requests it took.
    pub requests: u64,
    /// In how many runs: more than one when it was interrupted.
    pub runs: u32,
    /// Entries in it: objects, versions, delete markers, incomplete uploads.
    pub entries: u64,
    /// What was seen of older versions.
    pub versions: VersionsSeen,
    /// Whether incomplete uploads were seen; these keys may not be allowed to.
    pub uploads_seen: bool,
    /// Whether lifecycle rules were seen: without them nothing is known about when uploads are dropped.
    pub rules_seen: bool,
}

/// What a scan will most likely take.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ScanCost {
    /// Requests, if there is something to go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// It takes at least so many.
    pub at_least: u64,
    /// How many entries there are, if there is something to go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// What this goes by: `inventory`, `complete_page`, `first_page`, `interrupted_scan`.
    pub basis: &'static str,
    /// In words.
    pub note: String,
}

/// One bucket's inventories. Cheap to clone; lives as long as the question it was opened for.
///
/// Every answer is given only while the store lets exactly these credentials list the bucket.
#[derive(Clone)]
pub struct Inventory {
    store: Store,
    bucket: BucketName,
    inner: Arc<Inner>,
}

/// A kept inventory that answers questions about a prefix.
#[derive(Clone)]
pub struct KeptInventory {
    inner: Arc<Inner>,
    note: Arc<Note>,
    source: Source,
}

impl Inventory {
    pub(crate) fn new(store: Store, bucket: BucketName, inner: Arc<Inner>) -> Self {
        Self { store, bucket, inner }
    }

    /// Scans what lies under `prefix`, or goes on with a scan that was interrupted; whether it began now.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn start(&self, prefix: &Prefix) -> Result<bool, InventoryError> {
        self.store.ensure(&self.bucket).await?;
        Ok(self.scan(prefix).start(&self.store))
    }

    /// Waits until the scan is over, and shows how far it is.
    ///
    /// # Errors
    ///
    /// What failed.
    pub async fn finished(&self, prefix: &Prefix, progress: &Progress) -> Result<ScanStatus, InventoryError> {
        let mut changes = self.scan(prefix).watch();
        let mut shown = (0, 0, 0);
        loop {
            let status = changes.borrow_and_update().clone();
            let fresh = status.entries.saturating_sub(status.resumed_entries);
            progress.add_objects(
                fresh.saturating_sub(shown.0),
                status.bytes.saturating_sub(shown.1),
            );
            progress.add_requests(status.requests.saturating_sub(shown.2));
            shown = (
                fresh.max(shown.0),
                status.bytes.max(shown.1),
                status.requests.max(shown.2),
            );
            if !status.phase.is_active() || changes.changed().await.is_err() {
                break;
            }
        }
        self.status(prefix).await
    }

    /// How far the scan is.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn status(&self, prefix: &Prefix) -> Result<ScanStatus, InventoryError> {
        self.store.ensure(&self.bucket).await?;
        let scan = self.scan(prefix);
        blocking(move || scan.status()).await
    }

    /// How far it is, as it goes on. Whoever tells it on has to see to it that the store still lets these credentials list the bucket.
    pub fn watch(&self, prefix: &Prefix) -> watch::Receiver<ScanStatus> {
        self.scan(prefix).watch()
    }

    /// Stops the scan; a later one goes on with it.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn cancel(&self, prefix: &Prefix) -> Result<(), InventoryError> {
        self.store.ensure(&self.bucket).await?;
        self.scan(prefix).cancel();
        Ok(())
    }

    /// What a scan will most likely take: by an inventory that is there, else by one page of a listing.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn cost(&self, prefix: &Prefix) -> Result<ScanCost, InventoryError> {
        let page = self.store.list_page(&self.bucket, prefix, None, 1000).await?;
        let (inner, store, bucket, wanted) = (
            Arc::clone(&self.inner),
            self.store.fingerprint(),
            self.bucket.clone(),
            prefix.clone(),
        );
        let scope = inner.scope(store, &bucket, &wanted);
        let before = blocking(move || kept::newest(&scope.directory)).await?;
        if let Some(note) = before {
            let totals = &note.summary.totals;
            let entries = totals.entries();
            // Some pages overlap, and some bring little.
            let pages = entries
                .saturating_sub(totals.incomplete_uploads)
                .div_ceil(PAGE_KEYS);
            let requests = pages
                .saturating_add(pages.div_euclid(4))
                .saturating_add(totals.incomplete_uploads);
            let requests = requests.saturating_add(5);
            return Ok(ScanCost {
                requests: Some(requests),
                at_least: pages.saturating_add(3),
                entries: Some(entries),
                basis: "inventory",
                note: format!(
                    "about {requests} requests, by the inventory of {}",
                    note.started_at
                ),
            });
        }
        let found = u64::try_from(page.objects.len()).unwrap_or(u64::MAX);
        Ok(if page.next.is_none() {
            ScanCost {
                requests: Some(5),
                at_least: 4,
                entries: Some(found),
                basis: "complete_page",
                note: "about 5 requests: all objects are on one page; more where there are many versions or incomplete uploads".to_owned(),
            }
        } else {
            ScanCost {
                requests: None,
                at_least: 5,
                entries: None,
                basis: "first_page",
                note: "unknown, at least 5 requests: there is more than one page, and no inventory to go by. It takes about one request for \
                       1,000 objects or versions and one for each incomplete upload, within the share of the store's rate limit"
                    .to_owned(),
            }
        })
    }

    /// The newest kept inventory that knows all about `prefix`, if it is no older than `max_age`.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn kept(
        &self,
        prefix: &Prefix,
        max_age: Option<Duration>,
    ) -> Result<Option<KeptInventory>, InventoryError> {
        self.store.ensure(&self.bucket).await?;
        let (inner, print) = (Arc::clone(&self.inner), self.store.fingerprint());
        let (bucket, wanted) = (self.bucket.clone(), prefix.clone());
        let found = blocking(move || inner.newest_about(print, &bucket, &wanted)).await?;
        let now = self.inner.clock.now();
        let found = found.filter(|(_, note)| max_age.is_none_or(|most| kept::age(note, now) <= most));
        Ok(found.map(|(directory, note)| self.of_note(prefix, &directory, note)))
    }

    /// All kept inventories that know all about `prefix`, the newest first.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list the bucket.
    pub async fn all_kept(&self, prefix: &Prefix) -> Result<Vec<KeptInventory>, InventoryError> {
        self.store.ensure(&self.bucket).await?;
        let (inner, print) = (Arc::clone(&self.inner), self.store.fingerprint());
        let (bucket, wanted) = (self.bucket.clone(), prefix.clone());
        let found = blocking(move || inner.all_about(print, &bucket, &wanted)).await?;
        let kept = found
            .into_iter()
            .map(|(directory, note)| self.of_note(prefix, &directory, note));
        Ok(kept.collect())
    }

    fn of_note(&self, prefix: &Prefix, directory: &Path, note: Note) -> KeptInventory {
        KeptInventory {
            inner: Arc::clone(&self.inner),
            source: Source {
                paths: note.paths(directory),
                folders: Some(directory.join(&note.folders)),
                prefix: prefix.clone(),
                waiting: Waiting::default(),
            },
            note: Arc::new(note),
        }
    }

    /// The same, where there has to be one.
    ///
    /// # Errors
    ///
    /// When there is none, or the store doesn't let these credentials list the bucket.
    pub async fn required(
        &self,
        prefix: &Prefix,
        max_age: Option<Duration>,
    ) -> Result<KeptInventory, InventoryError> {
        let found = self.kept(prefix, max_age).await?;
        found.ok_or_else(|| {
            let under = match prefix.as_str() {
                "" => String::new(),
                prefix => format!(" under prefix `{prefix}`"),
            };
            let age = max_age.map(|age| format!(" that is younger than {} s", age.as_secs()));
            InventoryError::Absent {
                bucket: self.bucket.clone(),
                which: under + &age.unwrap_or_default(),
            }
        })
    }

    /// Whether a scan goes on in this process.
    pub fn is_scanning(&self, prefix: &Prefix) -> bool {
        self.scan(prefix).is_running()
    }

    fn scan(&self, prefix: &Prefix) -> Scan {
        self.inner.scan(self.store.fingerprint(), &self.bucket, prefix)
    }
}

impl KeptInventory {
    /// What answers from it rest on.
    pub fn basis(&self) -> Basis {
        let note = &self.note;
        Basis {
            as_of: note.started_at,
            finished_at: note.finished_at,
            age_seconds: kept::age(note, self.inner.clock.now()).as_secs(),
            scanned_prefix: note.prefix.clone(),
            requests: note.requests,
            runs: note.runs,
            entries: note.summary.totals.entries(),
            versions: note.versions,
            uploads_seen: note.uploads_seen,
            rules_seen: note.drop_rules.is_some(),
        }
    }

    /// How much is there, sorted in every way; so many objects that stand out.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn summary(&self, ranked: usize) -> Result<Summary, InventoryError> {
        let ready = self.note.prefix == self.source.prefix && ranked <= self.inner.scan_config.ranked;
        let mut summary = if ready {
            self.note.summary.clone()
        } else {
            let as_of = self.note.started_at;
            let sum = move |source: &Source| {
                let mut summing = Summing::new(as_of, ranked);
                source.each(&summary::COLUMNS, |row| summing.add(row))?;
                Ok(summing.finish())
            };
            self.ask(sum).await?
        };
        for list in [&mut summary.largest, &mut summary.oldest, &mut summary.newest] {
            list.truncate(ranked);
        }
        Ok(summary)
    }

    /// So many objects behind a key, or from the first one on, in the order of the keys.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn objects_behind(
        &self,
        after: Option<ObjectKey>,
        limit: usize,
    ) -> Result<Vec<RankedObject>, InventoryError> {
        self.ask(move |source| {
            let mut found = Vec::new();
            if limit == 0 {
                return Ok(found);
            }
            source.each_until(&RankedObject::COLUMNS, |row| {
                let behind = after.as_ref().is_none_or(|after| row.key > after.as_str());
                if row.kind == Kind::Current && behind {
                    found.push(RankedObject::of(row));
                }
                if found.len() < limit {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            Ok(found)
        })
        .await
    }

    /// Folders below the prefix as a tree, so many levels deep, each with its so many largest children.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn tree(&self, depth: usize, children: usize) -> Result<TreeNode, InventoryError> {
        let children = folders::children_at_depth(depth, children);
        self.ask(move |source| folders::tree(source, depth, children))
            .await
    }

    /// Prefixes so many levels below the prefix, the largest first.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn prefixes(&self, depth: usize, limit: usize) -> Result<PrefixList, InventoryError> {
        self.ask(move |source| folders::prefixes(source, depth, limit))
            .await
    }

    /// Objects that are most likely the same, those that waste most first.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn duplicates(&self, limit: usize) -> Result<DuplicateList, InventoryError> {
        let rows = self.note.summary.totals.objects;
        self.ask(move |source| duplicates::duplicates(source, (limit, rows), Bounds::default()))
            .await
    }

    /// Incomplete uploads, and when they go.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn uploads(&self, order: UploadOrder, limit: usize) -> Result<UploadList, InventoryError> {
        let now = self.inner.clock.now();
        self.ask(move |source| uploads::uploads(source, order, limit, now))
            .await
    }

    /// Objects with odd names, or without a byte.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn odd(&self, filter: OddFilter, limit: usize) -> Result<OddList, InventoryError> {
        self.ask(move |source| odd_names::odd(source, filter, limit))
            .await
    }

    /// Shows what keys hold now, in the order of the keys, to something that grows; in a thread that may wait.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn fold_objects<T: Send + 'static>(
        &self,
        start: T,
        mut see: impl FnMut(&mut T, &StoredObject<'_>) + Send + 'static,
    ) -> Result<T, InventoryError> {
        self.ask(move |source| {
            let mut grown = start;
            source.each(&StoredObject::COLUMNS, |row| {
                if row.kind == Kind::Current {
                    see(&mut grown, &StoredObject::of(row));
                }
            })?;
            Ok(grown)
        })
        .await
    }

    /// Shows every key that stands in this inventory or in an earlier one, in the order of the keys, to something that grows; in a
    /// thread that may wait.
    ///
    /// # Errors
    ///
    /// When the files can't be read.
    pub async fn fold_beside<T: Send + 'static>(
        &self,
        earlier: &Self,
        start: T,
        mut see: impl FnMut(&mut T, KeyPair<'_>) + Send + 'static,
    ) -> Result<T, InventoryError> {
        let earlier = earlier.source.clone();
        self.ask(move |later| {
            let earlier = Source {
                waiting: later.waiting.clone(),
                ..earlier
            };
            let mut grown = start;
            diff::side_by_side((&earlier, later), |pair| see(&mut grown, pair))?;
            Ok(grown)
        })
        .await
    }

    /// All rows.
    pub fn export(
        &self,
        format: ExportFormat,
    ) -> impl Stream<Item = Result<Bytes, InventoryError>> + Send + 'static + use<> {
        let source = Source {
            waiting: Waiting::default(),
            ..self.source.clone()
        };
        export::export(source, format)
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Source) -> Result<T, InventoryError> + Send + 'static,
    ) -> Result<T, InventoryError> {
        let source = Source {
            waiting: Waiting::default(),
            ..self.source.clone()
        };
        self.inner.desk.ask(source, work).await
    }
}

/// Calls of the disk wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, InventoryError> + Send + 'static,
) -> Result<T, InventoryError> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.map_err(InventoryError::internal)?
}

impl ScanStatus {
    /// Whether it goes on.
    pub fn is_active(&self) -> bool {
        ScanPhase::is_active(self.phase)
    }
}
