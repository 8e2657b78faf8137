//! When something was looked at last.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use spacewatch_model::TimeRange;
use spacewatch_snapshots::{Place, Source};

use crate::{Tenant, ToolError};

/// Most buckets are looked at every few minutes; what was not is looked for further back.
const DAYS_BACK: [i64; 2] = [2, 32];

/// The time of the last snapshot of each of these before now, as far as there is one of the last 32 days.
pub(super) async fn last_seen(
    tenant: &Tenant,
    place: &Place,
    sources: &[Source],
    now: Timestamp,
) -> Result<BTreeMap<Source, Timestamp>, ToolError> {
    let mut known = BTreeMap::new();
    for days in DAYS_BACK {
        let period = TimeRange {
            from: now.checked_sub((days * 24).hours()).ok(),
            to: Some(now),
        };
        let snapshots = &tenant.histories.snapshots;
        let found = snapshots.sources(&tenant.store, place, period).await?;
        known.extend(found.spans.into_iter().map(|span| (span.source, span.last)));
        if sources.iter().all(|source| known.contains_key(source)) {
            break;
        }
    }
    Ok(known)
}
