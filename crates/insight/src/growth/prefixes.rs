//! Which prefixes grew.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_inventory::{KeptInventory, PrefixList};
use spacewatch_model::Prefix;
use utoipa::ToSchema;

use super::amounts::{amount, percent};
use super::grid::DAY;
use super::{GrowthArgs, metric};
use crate::storage_summary::folder_of;
use crate::{Tenant, ToolError};

/// Over how many days it is told.
const OVER_DAYS: i64 = 30;
/// Rows of the answer, and prefixes told apart.
const ROWS: usize = 20;
const MAX_PREFIXES: usize = 100_000;

/// Which prefixes grew.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PrefixesGrown {
    /// What it is told by.
    pub told_by: GrownBy,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Up to when: what the newest kept inventory saw.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Those that changed most, by size.
    pub prefixes: Vec<PrefixGrowth>,
    /// There are more than this answer holds.
    pub truncated: bool,
}

/// What the growth of prefixes is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrownBy {
    /// By two kept inventories: what is there now and was not then, less what was removed.
    Inventories,
    /// By what was written since and is still there, because no inventory of that time is kept: what was removed or overwritten is not in it.
    WrittenSince,
}

/// What one prefix grew by.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PrefixGrowth {
    /// The prefix.
    pub prefix: String,
    /// Objects more than before.
    pub objects_change: i64,
    /// Bytes more than before.
    pub bytes_change: i64,
    /// Percent of all changed bytes.
    pub share_percent: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Heap {
    objects: i64,
    bytes: i64,
}

type Heaps = BTreeMap<String, Heap>;

/// Which prefixes of a bucket grew in the last 30 days; nothing without a kept inventory.
pub(super) async fn grown(
    tenant: &Tenant,
    args: &GrowthArgs,
    now: Timestamp,
) -> Result<Option<PrefixesGrown>, ToolError> {
    let Some(bucket) = args.bucket.name().filter(|_| metric(args).is_level()) else {
        return Ok(None);
    };
    let inventory = tenant.inventories.open(&tenant.store, bucket);
    let kept = inventory.all_kept(&Prefix::default()).await?;
    let Some(newest) = kept.first() else {
        return Ok(None);
    };
    let depth = args.depth.unwrap_or(1);
    let wished =
        Timestamp::from_second(now.as_second().saturating_sub(OVER_DAYS * DAY)).unwrap_or(Timestamp::MIN);
    let (told_by, since, heaps) = match earlier(&kept, wished) {
        Some(old) => {
            let heaps = between(old, newest, depth).await?;
            (GrownBy::Inventories, old.basis().as_of, heaps)
        }
        None => (
            GrownBy::WrittenSince,
            wished,
            written(newest, depth, wished).await?,
        ),
    };
    let until = newest.basis().as_of;
    Ok(Some(tell(heaps, told_by, (since, until))))
}

/// The kept inventory nearest to a moment, if it is not much younger.
fn earlier(kept: &[KeptInventory], wished: Timestamp) -> Option<&KeptInventory> {
    let apart = |kept: &&KeptInventory| kept.basis().as_of.as_second().abs_diff(wished.as_second());
    let nearest = kept.iter().skip(1).min_by_key(apart)?;
    (apart(&nearest) <= (OVER_DAYS * DAY / 3).unsigned_abs()).then_some(nearest)
}

async fn between(old: &KeptInventory, new: &KeptInventory, depth: u8) -> Result<Heaps, ToolError> {
    let depth = usize::from(depth);
    let before = old.prefixes(depth, MAX_PREFIXES).await?;
    let after = new.prefixes(depth, MAX_PREFIXES).await?;
    let mut heaps = Heaps::new();
    let mut add = |list: PrefixList, sign: i64| {
        for row in list.prefixes {
            let heap = heaps.entry(row.prefix).or_default();
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(sign);
            heap.objects = heap.objects.saturating_add(whole(row.totals.objects));
            heap.bytes = heap.bytes.saturating_add(whole(row.totals.bytes.0));
        }
    };
    add(before, -1);
    add(after, 1);
    Ok(heaps)
}

async fn written(inventory: &KeptInventory, depth: u8, since: Timestamp) -> Result<Heaps, ToolError> {
    let heaps = inventory
        .fold_objects(Heaps::new(), move |heaps, object| {
            if object.modified.is_none_or(|modified| modified < since) {
                return;
            }
            let folder = folder_of(object.key, 0, depth);
            if heaps.len() >= MAX_PREFIXES && !heaps.contains_key(folder) {
                return;
            }
            let heap = match heaps.get_mut(folder) {
                Some(heap) => heap,
                None => heaps.entry(folder.to_owned()).or_default(),
            };
            heap.objects = heap.objects.saturating_add(1);
            heap.bytes = heap
                .bytes
                .saturating_add(i64::try_from(object.size).unwrap_or(i64::MAX));
        })
        .await?;
    Ok(heaps)
}

fn tell(heaps: Heaps, told_by: GrownBy, (since, until): (Timestamp, Timestamp)) -> PrefixesGrown {
    let all: f64 = heaps.values().map(|heap| amount(heap.bytes.unsigned_abs())).sum();
    let mut rows: Vec<_> = heaps
        .into_iter()
        .filter(|(_, heap)| heap.objects != 0 || heap.bytes != 0)
        .collect();
    rows.sort_by_key(|(_, heap)| Reverse(heap.bytes.unsigned_abs()));
    let truncated = rows.len() > ROWS;
    let rows = rows.into_iter().take(ROWS).map(|(prefix, heap)| PrefixGrowth {
        prefix,
        objects_change: heap.objects,
        bytes_change: heap.bytes,
        share_percent: percent(amount(heap.bytes.unsigned_abs()), all).unwrap_or(0.0),
    });
    PrefixesGrown {
        told_by,
        since,
        until,
        prefixes: rows.collect(),
        truncated,
    }
}
