//! What is read of what is stored, and what is not.
//!
//! Keys of the inventory and keys of the log are both in order, so they are laid side by side: whatever their number, little is in memory.

mod side_by_side;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, KeptInventory};
use spacewatch_lake::{KeysAsk, Lake};
use spacewatch_model::{BucketName, ByteSize, Coverage, ErrorCode, Prefix, TimeRange};
use spacewatch_telemetry::OperationType;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use self::side_by_side::{Found, Scope, SideBySide, percent};
use crate::cost::{price_list, stored_price};
use crate::logs::{self, Asked};
use crate::{Evidence, Limit, PriceList, Tenant, Tool, ToolError};

/// Rows of each list, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 1000;
/// Days looked back, by default and at most.
const DAYS: usize = 90;
const MAX_DAYS: usize = 366;
/// Batches of keys on their way.
const ON_THE_WAY: usize = 4;

/// `hot-cold`: which bytes were read lately and which were not, by prefix, and what dropping the cold ones would save.
#[derive(Debug)]
pub struct HotCold;

/// What `hot-cold` needs: an inventory of the bucket and its access log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HotColdArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// Cold is what was not read for so many days: 90 by default.
    #[serde(default)]
    pub days: Option<Limit>,
    /// How many levels of folders below the prefix: 1 by default.
    #[serde(default)]
    pub depth: Option<Limit>,
    /// How many rows each list holds, 20 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// The inventory may be so many seconds old; of any age by default.
    #[serde(default)]
    pub max_age: Option<u64>,
    /// By another price list than the configured one.
    #[serde(default)]
    pub prices: Option<String>,
    /// Also tell what moving the cold bytes to where this price list holds would save.
    #[serde(default)]
    pub move_to: Option<String>,
    /// Wait until every log object of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// What is read and what is not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HotColdOutput {
    /// The bucket.
    pub bucket: BucketName,
    /// How the keys begin.
    pub prefix: Prefix,
    /// How many days were asked about.
    pub days: usize,
    /// What is counted: from the beginning of the log where that is later than so many days ago.
    pub window: TimeRange,
    /// The log reaches back over all of these days. Where it does not, "cold" is what was not read since it began.
    pub log_covers_days: bool,
    /// What is stored.
    pub stored: Heap,
    /// What of it was read in the window, from the bucket or its CDN.
    pub read: Heap,
    /// What was neither read nor written in the window.
    pub cold: Heap,
    /// What was written in the window and not read yet.
    pub young: Heap,
    /// That in percent of the bytes stored.
    pub cold_percent: f64,
    /// What the cold bytes cost, and what would be saved.
    pub saving: Saving,
    /// What is stored by the day it was read last, the latest first; what was not read stands at the end.
    pub ages: Vec<Age>,
    /// By prefix, most cold bytes first.
    pub prefixes: Vec<PrefixHeat>,
    /// There are more prefixes than these.
    pub truncated: bool,
    /// The largest cold objects.
    pub coldest: Vec<ObjectHeat>,
    /// The objects most bytes were sent for.
    pub hottest: Vec<ObjectHeat>,
    /// Day by day, how much of what is stored now was read.
    pub daily: Vec<Day>,
    /// What was read and is not there any more.
    pub gone: Gone,
    /// The inventory this rests on.
    pub inventory: Basis,
    /// What the reads rest on.
    pub coverage: Coverage,
}

/// Some objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Heap {
    /// How many.
    pub objects: u64,
    /// Their size.
    pub bytes: ByteSize,
}

impl Heap {
    fn add(&mut self, bytes: u64) {
        self.objects = self.objects.saturating_add(1);
        self.bytes = ByteSize(self.bytes.0.saturating_add(bytes));
    }
}

/// What cold bytes cost.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Saving {
    /// In what money.
    pub currency: String,
    /// What a month of them costs where nothing is covered: so much dropping them saves at most.
    pub dropped: f64,
    /// What moving them would save in a month, if another price list was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<f64>,
    /// How that comes about.
    pub arithmetic: String,
}

/// What was read last so long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Age {
    /// At most so many days ago; absent for what was not read in the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u64>,
    /// What it is.
    #[serde(flatten)]
    pub heap: Heap,
}

/// The objects under one prefix.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PrefixHeat {
    /// The prefix, with its `/`.
    pub prefix: String,
    /// What is stored.
    pub stored: Heap,
    /// What was neither read nor written in the window.
    pub cold: Heap,
    /// That in percent of its bytes.
    pub cold_percent: f64,
    /// Bytes sent for its objects.
    pub bytes_sent: u64,
    /// The day on which one of its objects was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_read: Option<Timestamp>,
    /// What a month of its cold bytes costs where nothing is covered.
    pub saving: f64,
}

/// One object and how it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ObjectHeat {
    /// Its key.
    pub key: String,
    /// Its size.
    pub size_bytes: ByteSize,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// How often it was read.
    pub reads: u64,
    /// Bytes sent for it.
    pub bytes_sent: u64,
    /// The day on which it was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_read: Option<Timestamp>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Day {
    /// When it begins, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub day: Timestamp,
    /// The objects read on it, with their whole size however much of them was read.
    #[serde(flatten)]
    pub read: Heap,
    /// Those bytes in percent of all that is stored now.
    pub read_percent: f64,
    /// Bytes sent.
    pub bytes_sent: u64,
}

/// Reads of what is not there any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gone {
    /// How many keys.
    pub keys: u64,
    /// How often they were read.
    pub reads: u64,
    /// Bytes sent for them.
    pub bytes_sent: u64,
}

impl Tool for HotCold {
    const NAME: &'static str = "hot-cold";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = HotColdArgs;
    type Output = HotColdOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::Bucket(args.bucket.clone())];
        evidence.extend(logs::evidence(tenant));
        evidence
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let list = price_list(tenant, args.prices.as_deref())?;
        let elsewhere = args.move_to.as_deref().filter(|name| !name.is_empty());
        let elsewhere = elsewhere.map(|name| price_list(tenant, Some(name))).transpose()?;
        let days = Limit::rows(args.days, DAYS, MAX_DAYS);
        let inventory = tenant.inventories.open(&tenant.store, &args.bucket);
        let max_age = args.max_age.map(std::time::Duration::from_secs);
        let kept = inventory.required(&args.prefix, max_age).await?;
        let now = tenant.now();
        let wished = ago(now, days)?;
        let window = TimeRange {
            from: Some(wished),
            to: Some(now),
        };
        let Asked { lake, coverage } = logs::ask(tenant, Some(&args.bucket), window, args.wait).await?;
        let Some((oldest, _)) = lake.recorded().await? else {
            return Err(nothing_known());
        };
        let since = oldest.clamp(wished, now);
        let ask = KeysAsk {
            bucket: args.bucket.clone(),
            period: window,
            key_prefix: args.prefix.to_string(),
        };
        let scope = Scope {
            since,
            now,
            prefix_length: args.prefix.as_str().len(),
            depth: u8::try_from(Limit::rows(args.depth, 1, 32)).unwrap_or(u8::MAX),
            limit: Limit::rows(args.limit, ROWS, MAX_ROWS),
        };
        let found = laid_side_by_side(&lake, &ask, &kept, scope)
            .await?
            .into_lists(list);
        Ok(HotColdOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            days,
            window: TimeRange {
                from: Some(since),
                to: Some(now),
            },
            log_covers_days: since <= wished,
            stored: found.stored,
            read: found.read,
            cold: found.cold,
            young: found.young,
            cold_percent: percent(found.cold.bytes, found.stored.bytes),
            saving: saving(list, elsewhere, found.cold.bytes.0),
            ages: found.ages,
            prefixes: found.prefixes,
            truncated: found.truncated,
            coldest: found.coldest,
            hottest: found.hottest,
            daily: found.daily,
            gone: found.gone,
            inventory: kept.basis(),
            coverage,
        })
    }
}

/// Lays what is stored beside what was read, while both are being read.
async fn laid_side_by_side(
    lake: &Lake,
    ask: &KeysAsk,
    kept: &KeptInventory,
    scope: Scope,
) -> Result<Found, ToolError> {
    let (sender, keys) = mpsc::channel(ON_THE_WAY);
    let read = async { lake.keys_read(ask, sender).await.map_err(ToolError::from) };
    let stored = async {
        let sides = SideBySide::new(keys, scope);
        let sides = kept.fold_objects(sides, SideBySide::meet).await?;
        // What is left are keys behind the last one that is there.
        let finished = tokio::task::spawn_blocking(move || sides.finish()).await;
        finished.map_err(|error| ToolError::new(ErrorCode::Internal, error.to_string()))
    };
    let ((), found) = tokio::try_join!(read, stored)?;
    Ok(found)
}

fn nothing_known() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        "the access log has no record yet, so nothing is known about what is read",
    )
    .with_hint("`/tools/diagnose` and `spacewatch doctor` tell whether access logs are switched on and where they are delivered")
}

fn saving(list: &PriceList, elsewhere: Option<&PriceList>, bytes: u64) -> Saving {
    let here = stored_price(list, bytes);
    let there = elsewhere.map(|other| stored_price(other, bytes));
    let moved = elsewhere.map(|other| {
        format!(
            "; at {} they cost {:.2} {}",
            other.name,
            stored_price(other, bytes),
            other.currency
        )
    });
    Saving {
        currency: list.currency.clone(),
        dropped: here,
        moved: there.map(|there| here - there),
        arithmetic: format!(
            "{bytes} bytes stored for a month at the first price of {} are {here:.2} {}{}; less where the allowance covers them",
            list.name,
            list.currency,
            moved.unwrap_or_default()
        ),
    }
}

fn ago(now: Timestamp, days: usize) -> Result<Timestamp, ToolError> {
    let hours = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(24);
    let then = now.checked_sub(hours.hours());
    then.map_err(|error| ToolError::new(ErrorCode::InvalidValue, error.to_string()))
}
