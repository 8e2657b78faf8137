//! A bucket whose requests were logged: what is in it, and what people do with it.

use crate::backend::owner_id;
use crate::dice::Dice;
use crate::history::clients::skewed;
use crate::log_delivery::{Place, account};
use crate::shared::REGION;
use crate::world::{Bucket, Contents, Version, VersionId, World};

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Get,
    GetRange,
    GetUnchanged,
    GetPresigned,
    Head,
    List,
    Missing,
    Denied,
    Acl,
    Preflight,
    Put,
    Delete,
    DeleteMany,
    Copy,
    Expire,
}

/// What is usual in a bucket.
#[derive(Debug)]
pub(crate) struct Habit {
    bucket: &'static str,
    /// Records in an average hour.
    pub(crate) per_hour: f64,
    /// How many fields the store writes for it.
    pub(crate) fields: u8,
    /// Who asks: `-` is anonymous, an empty name the account itself.
    pub(crate) callers: &'static [&'static str],
    /// What they do, by weight.
    pub(crate) acts: &'static [(Act, u64)],
}

const HABITS: [Habit; 7] = [
    Habit {
        bucket: "prod-assets",
        per_hour: 340.0,
        fields: 26,
        callers: &["-", "-", "-", "-", "-", "-", "-", "deploy"],
        acts: &[
            (Act::Get, 760),
            (Act::GetUnchanged, 120),
            (Act::GetRange, 25),
            (Act::Head, 45),
            (Act::Missing, 28),
            (Act::Preflight, 12),
            (Act::List, 6),
            (Act::Denied, 2),
            (Act::Acl, 2),
        ],
    },
    Habit {
        bucket: "prod-uploads",
        per_hour: 110.0,
        fields: 26,
        callers: &["web-app", "web-app", "web-app", "transcoder", ""],
        acts: &[
            (Act::GetPresigned, 380),
            (Act::Get, 140),
            (Act::GetRange, 110),
            (Act::Head, 120),
            (Act::Put, 120),
            (Act::Delete, 40),
            (Act::Expire, 40),
            (Act::List, 30),
            (Act::Missing, 12),
            (Act::Denied, 8),
        ],
    },
    Habit {
        bucket: "documents",
        per_hour: 25.0,
        fields: 27,
        callers: &["northwindeditors0001", "northwindeditors0001", ""],
        acts: &[
            (Act::Get, 520),
            (Act::Head, 180),
            (Act::List, 200),
            (Act::Missing, 30),
            (Act::Denied, 30),
        ],
    },
    Habit {
        bucket: "staging",
        per_hour: 20.0,
        fields: 25,
        callers: &["northwindeditors0001", "deploy"],
        acts: &[
            (Act::Get, 400),
            (Act::Put, 250),
            (Act::Copy, 70),
            (Act::Delete, 40),
            (Act::DeleteMany, 25),
            (Act::List, 120),
            (Act::Missing, 60),
        ],
    },
    Habit {
        bucket: "backups",
        per_hour: 7.0,
        fields: 26,
        callers: &["", "northwindreadonly001"],
        acts: &[
            (Act::Head, 500),
            (Act::List, 400),
            (Act::GetRange, 60),
            (Act::Get, 10),
        ],
    },
    Habit {
        bucket: "raw-events",
        per_hour: 45.0,
        fields: 26,
        callers: &["spark", "spark", "ingest", ""],
        acts: &[
            (Act::Get, 420),
            (Act::Head, 180),
            (Act::List, 160),
            (Act::Expire, 22),
            (Act::Put, 120),
            (Act::Delete, 30),
            (Act::Missing, 8),
        ],
    },
    Habit {
        bucket: "ml-datasets",
        per_hour: 20.0,
        fields: 27,
        callers: &["trainer", "trainer", "harborpartnerread001"],
        acts: &[
            (Act::GetRange, 600),
            (Act::Head, 150),
            (Act::List, 120),
            (Act::Get, 40),
            (Act::Denied, 6),
        ],
    },
];

/// An object as it is when history ends.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) modified: i64,
    pub(crate) version: Option<String>,
}

/// A version that came within the time of the history: it has its record.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) time: i64,
    pub(crate) key: String,
    /// `None` where the key was deleted.
    pub(crate) size: Option<u64>,
    pub(crate) version: Option<String>,
}

/// A bucket with its logs.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) bucket: String,
    pub(crate) owner: String,
    pub(crate) account: String,
    pub(crate) host: String,
    pub(crate) place: Place,
    pub(crate) habit: &'static Habit,
    pub(crate) changes: Vec<Change>,
    entries: Vec<Entry>,
}

impl Source {
    /// The buckets of a world whose requests are logged and whose habits are known.
    pub(crate) fn all(world: &World, since: i64) -> Vec<Self> {
        let known = HABITS.iter().filter_map(|habit| {
            let bucket = world.buckets.get(habit.bucket)?;
            Self::of(world, bucket, habit, since)
        });
        known.collect()
    }

    fn of(world: &World, bucket: &Bucket, habit: &'static Habit, since: i64) -> Option<Self> {
        let place = Place::of(habit.bucket, bucket)?;
        let Contents::Stored(keys) = &bucket.contents else {
            return None;
        };
        let mut source = Self {
            bucket: habit.bucket.to_owned(),
            owner: owner_id(world.tenants.get(bucket.owner)?),
            account: account(bucket.owner),
            host: format!("{}.{REGION}.digitaloceanspaces.com", habit.bucket),
            place,
            habit,
            changes: Vec::new(),
            entries: Vec::new(),
        };
        for (key, history) in keys {
            for version in history.0.iter().filter(|version| version.modified >= since) {
                source.changes.push(Change {
                    time: version.modified,
                    key: key.clone(),
                    size: version.facts().map(|facts| facts.size),
                    version: told(version),
                });
            }
            let Some((newest, facts)) = history.newest().and_then(|v| Some((v, v.facts()?))) else {
                continue;
            };
            source.entries.push(Entry {
                key: key.clone(),
                size: facts.size,
                modified: newest.modified,
                version: told(newest),
            });
        }
        source.changes.sort_by_key(|change| change.time);
        Some(source)
    }

    /// An object that was there then; popular ones come often.
    pub(crate) fn entry(&self, dice: &mut Dice, time: i64) -> Option<&Entry> {
        const TRIES: usize = 12;
        /// Prime, so that the popular ones lie all over the bucket.
        const STRIDE: usize = 7919;
        let first = skewed(dice, self.entries.len(), 3);
        (first..first + TRIES)
            .filter_map(|index| self.entries.get((index * STRIDE) % self.entries.len()))
            .find(|entry| entry.modified <= time)
    }

    /// The objects one after the other.
    pub(crate) fn nth(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index.checked_rem(self.entries.len())?)
    }

    /// What was put or deleted in this time.
    pub(crate) fn changes_in(&self, from: i64, to: i64) -> &[Change] {
        let at = |time| self.changes.partition_point(|change| change.time < time);
        self.changes.get(at(from)..at(to)).unwrap_or_default()
    }

    /// A user of the account.
    pub(crate) fn user(&self, name: &str) -> String {
        match name {
            "-" => "-".to_owned(),
            "" => self.owner.clone(),
            name => format!("arn:aws:iam::{}:user/{name}", self.account),
        }
    }
}

fn told(version: &Version) -> Option<String> {
    (version.id != VersionId::NULL).then(|| version.id.to_string())
}
