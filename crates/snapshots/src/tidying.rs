//! Rolling up days that are over.
//!
//! What stands in the way of losing a record: a roll-up is written under a name behind all of its day's, read back, and only
//! then the objects go whose records it holds, and only those that this very run listed and read to their end. Where
//! two do this at once, both write roll-ups with names of their own, each with every record it deletes elsewhere. Of
//! two roll-ups with the same records everybody keeps the one with the later key, so neither is deleted for the other by
//! each of two. Roll-ups that others left are never believed: whether one stands for an object is decided by the records.

use std::collections::{BTreeMap, HashSet};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use jiff::ToSpan;
use spacewatch_model::TimeRange;
use spacewatch_s3::{Progress, Store};
use utoipa::ToSchema;

use crate::fetching::Fetched;
use crate::listing::{self, Found};
use crate::place::{Day, Kind, roll_up_name};
use crate::reading::{is_own, off_thread};
use crate::snapshots::{holds, write_once};
use crate::{Place, RecordId, SnapshotError, SnapshotRecord, Snapshots, Wanted, roll_up};

/// Days looked back: whoever was away for longer has a day left as it was.
const DAYS: i64 = 62;
/// Days rolled up in one go, so that it ends soon.
const DAYS_AT_ONCE: usize = 7;
/// Packed bytes that go into one roll-up: a hundred thousand records, about.
const MAX_GROUP: u64 = 4 << 20;
/// Objects deleted at once.
const AT_ONCE: usize = 16;

/// What was rolled up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct RolledUp {
    /// How many days.
    pub days: u64,
    /// How many roll-ups were written.
    pub objects_written: u64,
    /// How many objects were deleted, because a roll-up holds their records.
    pub objects_deleted: u64,
    /// There are more days to roll up.
    pub more: bool,
}

impl Snapshots {
    /// Rolls days up as [`Snapshots::roll_up`], if nobody of this process did so a while ago.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn tidy(&self, store: &Store, place: &Place) -> Result<Option<RolledUp>, SnapshotError> {
        if !self.is_time_to_tidy(store, place) {
            return Ok(None);
        }
        self.roll_up(store, place).await.map(Some)
    }

    /// Makes one object of the many of each day that is over, the oldest days first. Files of the Python original stay.
    ///
    /// # Errors
    ///
    /// What the store says. Whatever was done until then is good.
    pub async fn roll_up(&self, store: &Store, place: &Place) -> Result<RolledUp, SnapshotError> {
        let now = self.clock.now();
        let period = TimeRange {
            from: now.checked_sub((DAYS.saturating_mul(24)).hours()).ok(),
            to: Some(now),
        };
        let found = listing::list(store, &place.bucket, &place.prefix(), period).await?;
        let mut days: BTreeMap<Day, Vec<Found>> = BTreeMap::new();
        for object in found {
            if is_own(&object) && object.day.is_over(now) {
                days.entry(object.day).or_default().push(object);
            }
        }
        let mut done = RolledUp::default();
        for (day, objects) in days {
            let groups = groups(&objects);
            if groups.is_empty() {
                continue;
            }
            if done.days >= u64::try_from(DAYS_AT_ONCE).unwrap_or(u64::MAX) {
                done.more = true;
                break;
            }
            let tidying = Tidying {
                snapshots: self,
                store,
                place,
                day,
                last: objects.iter().filter_map(generation).max(),
            };
            let mut last = tidying.last;
            for group in groups {
                last = tidying.group(group, last, &mut done).await?;
            }
            done.days = done.days.saturating_add(1);
        }
        Ok(done)
    }
}

fn generation(found: &Found) -> Option<u32> {
    match found.kind {
        Kind::RollUp(generation) => Some(generation),
        Kind::Run | Kind::Legacy => None,
    }
}

/// Objects that go into one roll-up each; what is alone stays as it is.
fn groups(objects: &[Found]) -> Vec<&[Found]> {
    let mut groups = Vec::new();
    let (mut from, mut bytes) = (0, 0_u64);
    for (at, object) in objects.iter().enumerate() {
        if bytes.saturating_add(object.bytes) > MAX_GROUP && at > from {
            groups.extend(objects.get(from..at));
            (from, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(object.bytes);
    }
    groups.extend(objects.get(from..));
    groups.retain(|group| group.len() > 1);
    groups
}

struct Tidying<'a> {
    snapshots: &'a Snapshots,
    store: &'a Store,
    place: &'a Place,
    day: Day,
    /// The highest number of a roll-up of this day.
    last: Option<u32>,
}

/// An object of a group and what it holds.
struct Member<'a> {
    found: &'a Found,
    records: Vec<SnapshotRecord>,
}

impl Tidying<'_> {
    /// Makes one object of a group. Tells the highest number of a roll-up there is now.
    async fn group(
        &self,
        group: &[Found],
        last: Option<u32>,
        done: &mut RolledUp,
    ) -> Result<Option<u32>, SnapshotError> {
        let Some(members) = self.read(group).await? else {
            return Ok(last);
        };
        let all = union(&members);
        // What is left of a run that was broken off: one roll-up holds everything already.
        let kept = members
            .iter()
            .filter(|member| generation(member.found) == last && last.is_some() && last == self.last)
            .max_by(|a, b| a.found.key.cmp(&b.found.key))
            .filter(|member| identities(&member.records).len() == all.len());
        if let Some(kept) = kept {
            let replaced = members.iter().map(|member| member.found);
            self.delete(
                replaced.filter(|found| found.key != kept.found.key).collect(),
                done,
            )
            .await?;
            return Ok(last);
        }
        if members.len() < 2 {
            return Ok(last);
        }
        let generation = last.map_or(1, |last| last.saturating_add(1));
        if generation > 999_999 {
            return Ok(last);
        }
        let name = roll_up_name(self.day, generation);
        let replaces = members.iter().map(|member| member.found.name.clone()).collect();
        let body = off_thread(move || roll_up::write(&all, replaces)).await?;
        let key = write_once(self.store, self.place, &name, body.clone()).await?;
        done.objects_written = done.objects_written.saturating_add(1);
        if holds(self.store, &self.place.bucket, &key, &body).await? {
            self.delete(members.iter().map(|member| member.found).collect(), done)
                .await?;
        }
        Ok(Some(generation))
    }

    /// What the objects hold. Those that can't be read to their end are left out, and stay; none if one is gone, because
    /// then somebody else is at this day.
    async fn read<'g>(&self, group: &'g [Found]) -> Result<Option<Vec<Member<'g>>>, SnapshotError> {
        let progress = Progress::default();
        let mut fetches = self
            .snapshots
            .fetch_each(self.store, &self.place.bucket, group, &progress);
        let mut members = Vec::new();
        while let Some((at, fetched)) = fetches.try_next().await? {
            let held = match fetched {
                Fetched::Held(held) => held,
                Fetched::Unreadable => continue,
                Fetched::Gone => return Ok(None),
            };
            let (records, whole) = off_thread(move || {
                let mut records = Vec::new();
                let seen = held.records(&Wanted::everything(TimeRange::ALWAYS), |record| {
                    records.push(record)
                });
                Ok((records, seen.is_whole()))
            })
            .await?;
            if let (true, Some(found)) = (whole, group.get(at)) {
                members.push(Member { found, records });
            }
        }
        Ok(Some(members))
    }

    async fn delete(&self, replaced: Vec<&Found>, done: &mut RolledUp) -> Result<(), SnapshotError> {
        let mut deletes: Vec<BoxFuture<'_, _>> = Vec::new();
        for found in replaced {
            deletes.push(self.store.delete_object(&self.place.bucket, &found.key).boxed());
        }
        let mut deletes = stream::iter(deletes).buffer_unordered(AT_ONCE);
        while deletes.try_next().await?.is_some() {
            done.objects_deleted = done.objects_deleted.saturating_add(1);
        }
        Ok(())
    }
}

fn identities(records: &[SnapshotRecord]) -> HashSet<RecordId> {
    records.iter().map(|record| record.id).collect()
}

fn union(members: &[Member<'_>]) -> Vec<SnapshotRecord> {
    let mut known = HashSet::new();
    let records = members.iter().flat_map(|member| &member.records);
    records
        .filter(|record| known.insert(record.id))
        .cloned()
        .collect()
}
