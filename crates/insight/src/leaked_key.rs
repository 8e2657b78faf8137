//! What became of a key that leaked.
//!
//! The log names who asked, and only presigned links name the access key; what anybody was allowed to do it never tells. So the answer
//! keeps apart what was done, which the log shows, and what could have been, for which it gives what is known.

mod deeds;
mod figures;
mod reach;

use futures::try_join;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Lake, RecordFilter, Uses, UsesAsk, UsesRow};
use spacewatch_model::{Coverage, ErrorCode, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use self::figures::Figures;
use crate::logs::{self, Asked, Given, Moment, Period, SourceBucket};
use crate::{Day, Evidence, Limit, Tenant, Tool, ToolError};

pub use deeds::{KeyListing, Touched, TouchedObject};
pub use figures::{KeyBucket, KeyHour, KeyOperation, KeyRefusal};
pub use reach::Reach;

/// Rows of each list, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 1000;

/// `leaked-key`: what a requester, or the presigned links of an access key, did since a day: from where, what it read, wrote, deleted and
/// listed, what it was refused, and what it could have read.
#[derive(Debug)]
pub struct LeakedKey;

/// What `leaked-key` needs: `requester` or `access_key`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LeakedKeyArgs {
    /// Who asked, as the log writes it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub requester: Given<String>,
    /// An access key id instead: only presigned links name it in the log.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub access_key: Given<String>,
    /// The bucket that requests went to; `*`, the default, for every bucket of the log.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub source_bucket: SourceBucket,
    /// When it leaked: `2026-11-22T10:00:00Z`, `2026-11-22`, `-7d`.
    #[schema(value_type = String)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole. Until now by default.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// How many rows each list holds, 20 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// What became of a key that leaked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeakedKeyOutput {
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// The access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// From the leak on.
    pub window: TimeRange,
    /// How many rows were wished of each list, after clamping.
    pub limit: usize,
    /// The first record of it that the log has, whenever that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen: Option<Timestamp>,
    /// The last one before the leak.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_before: Option<Timestamp>,
    /// The first one since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen_since: Option<Timestamp>,
    /// The last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// How many records of it there are from before the leak.
    pub records_before: u64,
    /// What it did since.
    pub totals: KeyTotals,
    /// From where, since; what was not seen before comes first.
    pub addresses: Vec<KeySource>,
    /// With what, since; what was not seen before comes first.
    pub user_agents: Vec<KeySource>,
    /// Where, since.
    pub buckets: Vec<KeyBucket>,
    /// When, in steps of `step_seconds`; steps without a record are left out.
    pub hours: Vec<KeyHour>,
    /// The length of a step.
    pub step_seconds: u64,
    /// What it read; most often read first.
    pub read: Vec<TouchedObject>,
    /// What it wrote.
    pub wrote: Vec<TouchedObject>,
    /// What it deleted.
    pub deleted: Vec<TouchedObject>,
    /// What it listed.
    pub listed: Vec<KeyListing>,
    /// What it was refused.
    pub refused: Vec<KeyRefusal>,
    /// Everything it did, by operation.
    pub operations: Vec<KeyOperation>,
    /// What it could have read: the buckets where it was ever let in.
    pub within_reach: Vec<Reach>,
    /// Some list is longer than this answer shows.
    pub truncated: bool,
    /// Their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub truncated_lists: Vec<String>,
    /// What the reader should know: what the log can't tell.
    pub notes: Vec<String>,
    /// What the figures since the leak rest on.
    pub coverage: Coverage,
    /// What is said about the time before rests on.
    pub coverage_before: Coverage,
}

/// What a key did since it leaked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyTotals {
    /// Records: requests, the lines of batches, and the source halves of copies.
    pub records: u64,
    /// Requests.
    pub requests: u64,
    /// Answered with 401 or 403.
    pub refused: u64,
    /// Answered with 400 or above, refusals among them.
    pub failed: u64,
    /// Bytes sent, errors and listings among them.
    pub bytes_sent: u64,
    /// Objects read, copied ones as well; bytes are those sent.
    pub read: Touched,
    /// Objects written; bytes are those of the objects and parts.
    pub wrote: Touched,
    /// Objects deleted, alone or in batches; bytes are those that the log tells.
    pub deleted: Touched,
    /// Listings that were answered.
    pub listings: u64,
    /// Prefixes listed.
    pub listed_prefixes: u64,
    /// Addresses it came from.
    pub addresses: u64,
    /// Those not seen before.
    pub new_addresses: u64,
    /// Addresses seen before and not since.
    pub left_addresses: u64,
    /// User agents it came with.
    pub user_agents: u64,
    /// Those not seen before.
    pub new_user_agents: u64,
    /// Buckets it went to.
    pub buckets: u64,
}

/// An address or a user agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeySource {
    /// The address, or what the client called itself; absent where the log has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Not seen before the leak, as far back as the log reaches.
    pub new: bool,
    /// Records since.
    pub records: u64,
    /// Answers of 400 and above among them.
    pub errors: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// The first one since.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last one.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Records before.
    pub records_before: u64,
    /// The first one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen_before: Option<Timestamp>,
    /// The last one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_before: Option<Timestamp>,
}

impl KeySource {
    fn of(row: UsesRow) -> Self {
        Self {
            value: row.values.into_iter().next().flatten(),
            new: row.before.is_none(),
            records: row.since.records,
            errors: row.since.errors,
            bytes_sent: row.since.bytes_sent,
            first_seen: row.since.first,
            last_seen: row.since.last,
            records_before: row.before.map_or(0, |before| before.records),
            first_seen_before: row.before.map(|before| before.first),
            last_seen_before: row.before.map(|before| before.last),
        }
    }
}

impl Tool for LeakedKey {
    const NAME: &'static str = "leaked-key";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = LeakedKeyArgs;
    type Output = LeakedKeyOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let mut all = logs::evidence(tenant);
        all.extend(args.source_bucket.name().cloned().map(Evidence::Bucket));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let window = args.window(tenant.now())?;
        let leaked = window.from.unwrap_or(Timestamp::UNIX_EPOCH);
        let until = TimeRange {
            from: None,
            to: window.to,
        };
        let before = TimeRange {
            from: None,
            to: window.from,
        };
        let filter = args.records(until)?;
        let bucket = args.source_bucket.name();
        let Asked { lake, .. } = logs::ask(tenant, bucket, until, args.wait).await?;
        let suspect = Suspect {
            coverage: lake.coverage(bucket, window).await?,
            coverage_before: lake.coverage(bucket, before).await?,
            lake: &lake,
            filter,
            leaked,
            limit: Limit::rows(args.limit, ROWS, MAX_ROWS),
        };
        suspect.report(tenant, args, window).await
    }
}

impl LeakedKeyArgs {
    /// From the leak on.
    pub(crate) fn window(&self, now: Timestamp) -> Result<TimeRange, ToolError> {
        if self.from.is_empty() {
            return Err(ToolError::new(
                ErrorCode::MissingParameter,
                "`from` is empty, where it says when the key leaked",
            )
            .with_hint("name a day or a moment: `from=2026-11-22`, `from=-7d`"));
        }
        let period = Period {
            from: &self.from,
            to: &self.to,
            day: &Given::<Day>::default(),
            hours: None,
        };
        period.range(now)
    }

    /// The records of a period that are meant.
    pub(crate) fn records(&self, period: TimeRange) -> Result<RecordFilter, ToolError> {
        let wrong =
            |detail: &str, hint: &str| Err(ToolError::new(ErrorCode::InvalidValue, detail).with_hint(hint));
        let filter = RecordFilter {
            bucket: self.source_bucket.name().cloned(),
            period,
            requester: self.requester.get().cloned(),
            access_key: self.access_key.get().cloned(),
            ..RecordFilter::default()
        };
        match (self.requester.get(), self.access_key.get()) {
            (None, None) => wrong(
                "neither `requester` nor `access_key` is given",
                "`/tools/top?by=requester` lists who asked; an access key id is known only from presigned links",
            ),
            (Some(_), Some(_)) => wrong(
                "`requester` and `access_key` are both given",
                "ask for one, then for the other: what a requester signed in headers names no access key",
            ),
            (Some(requester), None) if matches!(requester.as_str(), "-" | "anonymous") => wrong(
                "anonymous requests carry no key that could leak",
                "`/tools/search-logs?requester=-` lists them",
            ),
            _ => Ok(filter),
        }
    }
}

/// Whose records are looked at, and how.
struct Suspect<'a> {
    lake: &'a Lake,
    /// All of its records up to the end of the period.
    filter: RecordFilter,
    leaked: Timestamp,
    limit: usize,
    coverage: Coverage,
    coverage_before: Coverage,
}

impl Suspect<'_> {
    /// Its records since the leak.
    fn since(&self) -> RecordFilter {
        let period = TimeRange {
            from: Some(self.leaked),
            to: self.filter.period.to,
        };
        RecordFilter {
            period,
            ..self.filter.clone()
        }
    }

    /// What it used since, and what of it was not used before.
    async fn uses(&self, by: Dimension) -> Result<Uses, ToolError> {
        let ask = UsesAsk {
            filter: self.filter.clone(),
            operations: Vec::new(),
            done: false,
            by: vec![by],
            since: self.leaked,
            limit: self.limit,
        };
        Ok(self.lake.uses(&ask).await?)
    }

    async fn report(
        self,
        tenant: &Tenant,
        args: LeakedKeyArgs,
        window: TimeRange,
    ) -> Result<LeakedKeyOutput, ToolError> {
        let (addresses, agents, figures, deeds, within_reach) = try_join!(
            self.uses(Dimension::RemoteIp),
            self.uses(Dimension::UserAgent),
            Figures::of(&self, window, tenant.now()),
            self.deeds(),
            self.reach(tenant),
        )?;
        let totals = KeyTotals {
            addresses: addresses.distinct,
            new_addresses: addresses.new,
            left_addresses: addresses.left,
            user_agents: agents.distinct,
            new_user_agents: agents.new,
            ..figures.totals(&deeds)
        };
        let cut = [
            ("addresses", addresses.distinct, addresses.rows.len()),
            ("user_agents", agents.distinct, agents.rows.len()),
            ("within_reach", within_reach.all, within_reach.rows.len()),
        ];
        let cut = cut
            .into_iter()
            .chain(figures.shown(self.limit))
            .chain(deeds.shown());
        let truncated_lists = names_of_cut(cut);
        Ok(LeakedKeyOutput {
            notes: notes(&args, &figures, &within_reach),
            requester: args.requester.get().cloned(),
            access_key: args.access_key.get().cloned(),
            source_bucket: args.source_bucket,
            window,
            limit: self.limit,
            first_seen: addresses.before.or(addresses.since).map(|used| used.first),
            last_seen_before: addresses.before.map(|used| used.last),
            first_seen_since: addresses.since.map(|used| used.first),
            last_seen: addresses.since.or(addresses.before).map(|used| used.last),
            records_before: addresses.before.map_or(0, |used| used.records),
            totals,
            addresses: addresses.rows.into_iter().map(KeySource::of).collect(),
            user_agents: agents.rows.into_iter().map(KeySource::of).collect(),
            buckets: figures.buckets(self.limit),
            step_seconds: figures.step.as_secs(),
            refused: figures.refusals(self.limit),
            operations: figures.operations(self.limit),
            hours: figures.hours,
            read: deeds.read.rows,
            wrote: deeds.wrote.rows,
            deleted: deeds.deleted.rows,
            listed: deeds.listed,
            within_reach: within_reach.rows,
            truncated: !truncated_lists.is_empty(),
            truncated_lists,
            coverage: self.coverage,
            coverage_before: self.coverage_before,
        })
    }
}

/// The lists of which there is more than is shown.
fn names_of_cut(lists: impl Iterator<Item = (&'static str, u64, usize)>) -> Vec<String> {
    lists
        .filter(|(_, all, shown)| *all > u64::try_from(*shown).unwrap_or(u64::MAX))
        .map(|(name, ..)| name.to_owned())
        .collect()
}

/// What the log can't tell.
fn notes(args: &LeakedKeyArgs, figures: &Figures, reach: &reach::WithinReach) -> Vec<String> {
    let mut notes = Vec::new();
    if args.access_key.is_empty() {
        notes.push(
            "the log names who asked, not with which of their access keys: what other keys of the same requester did is in here too"
                .to_owned(),
        );
    } else {
        notes.push(
            "only presigned links name their access key in the log: what was signed with it in a header is not in here, ask for its \
             `requester` as well"
                .to_owned(),
        );
    }
    if figures.unnamed_deletions > 0 {
        notes.push(format!(
            "{} of many objects at once were answered, and this log doesn't name the keys: what they deleted is missing from `deleted`",
            figures.unnamed_deletions
        ));
    }
    if !reach.rows.is_empty() {
        notes.push(
            "the log tells what was done, not what was allowed: `within_reach` names the buckets that let it in at least once; whether all \
             objects there, or other buckets, could be read, only the key's permissions tell"
                .to_owned(),
        );
    }
    notes
}
