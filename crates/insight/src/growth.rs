//! Where buckets are heading.

mod amounts;
mod buckets;
mod explain;
mod flows;
mod grid;
mod levels;
mod outlook;
mod prefixes;
mod turns;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use spacewatch_model::{ByteSize, Coverage, ErrorCode, TimeRange};
use spacewatch_snapshots::Reading;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Asked, Given, SourceBucket};
use crate::{Evidence, Limit, Tenant, Tool, ToolError, snapshots};

pub use buckets::{BucketGrowth, GrownOver};
pub use explain::{GrowthExplainedBy, GrowthExplanation};
use grid::{Grid, Line};
pub use outlook::{ForecastPoint, GrowthAllowance, GrowthForecast, GrowthReach, ReachOutcome};
pub use prefixes::{GrownBy, PrefixGrowth, PrefixesGrown};
pub use turns::{GrowthChange, TurnKind};

/// How much of the past is looked at, in days: by default, and at most.
const HISTORY_DAYS: usize = 90;
const MAX_HISTORY_DAYS: usize = 400;
/// How far a forecast reaches, in days: by default, and at most.
const DAYS: usize = 30;
const MAX_DAYS: usize = 730;
/// How often an interval holds the truth, in percent.
const CONFIDENCE: usize = 80;
const LEAST_CONFIDENCE: usize = 50;
const MAX_CONFIDENCE: usize = 99;

/// `growth`: how much a bucket grew, where it is heading, when it reaches a size, and what changed its way.
#[derive(Debug)]
pub struct Growth;

/// What grows.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GrowthMetric {
    /// Bytes stored, as snapshots tell.
    #[default]
    SizeBytes,
    /// Objects stored, as snapshots tell.
    ObjectCount,
    /// Requests, as the access log tells.
    Requests,
    /// Bytes sent to clients, as the access log tells.
    BytesSent,
}

impl GrowthMetric {
    const ALL: [Self; 4] = [
        Self::SizeBytes,
        Self::ObjectCount,
        Self::Requests,
        Self::BytesSent,
    ];

    /// The name, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SizeBytes => "size_bytes",
            Self::ObjectCount => "object_count",
            Self::Requests => "requests",
            Self::BytesSent => "bytes_sent",
        }
    }

    /// Whether it counts bytes.
    pub fn is_bytes(self) -> bool {
        matches!(self, Self::SizeBytes | Self::BytesSent)
    }

    /// Whether it is a state that lasts, and not something that happens.
    pub fn is_level(self) -> bool {
        matches!(self, Self::SizeBytes | Self::ObjectCount)
    }
}

impl std::str::FromStr for GrowthMetric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|metric| metric.as_str() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|metric| format!("`{}`", metric.as_str()));
            format!("is {text:?}, expected one of {}", names.join(", "))
        })
    }
}

/// What `growth` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct GrowthArgs {
    /// The bucket; `*`, the default, for all buckets together.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub bucket: SourceBucket,
    /// What grows: `size_bytes`, the default, `object_count`, `requests` or `bytes_sent`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub metric: Given<GrowthMetric>,
    /// How many days of the past are looked at: 90 by default, 400 at most.
    #[serde(default)]
    pub history_days: Option<Limit>,
    /// How many days the forecast reaches: 30 by default, 730 at most, and twice as far as the past is known.
    #[serde(default)]
    pub days: Option<Limit>,
    /// When is this reached? A size such as `1TB` (10^12 bytes) or `1TiB` (2^40 bytes), or a number.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "1TB")]
    pub reach: Given<ByteSize>,
    /// How often an interval should hold the truth, in percent: 80 by default, from 50 to 99.
    #[serde(default)]
    pub confidence: Option<Limit>,
    /// How many levels of folders a prefix has, where growth is told by prefix: 1 by default.
    #[serde(default)]
    #[schema(maximum = 32)]
    pub depth: Option<u8>,
    /// Wait until every log object of the past was read.
    #[serde(default)]
    pub wait: bool,
}

/// How a bucket grew and where it is heading.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GrowthOutput {
    /// The bucket.
    #[schema(value_type = String)]
    pub bucket: SourceBucket,
    /// What grows.
    pub metric: GrowthMetric,
    /// When this was told.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The past that was looked at.
    pub history_window: TimeRange,
    /// How long a step is: an hour (3600) where fewer than 14 days are known, otherwise a day (86400).
    pub step_seconds: u64,
    /// The past, step by step: what was stored at the end of each, or what happened in it.
    pub history: Vec<GrowthPoint>,
    /// What each bucket grew by.
    pub buckets: Vec<BucketGrowth>,
    /// What comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<GrowthForecast>,
    /// Why nothing is told of what comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_forecast: Option<String>,
    /// When `reach` is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaches: Option<GrowthReach>,
    /// When what the monthly price covers is used up. Of all buckets together: the allowance is theirs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowance: Option<GrowthAllowance>,
    /// When it changed its way, the newest first.
    pub changes: Vec<GrowthChange>,
    /// Which prefixes grew, of a bucket with a kept inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefixes: Option<PrefixesGrown>,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// What figures of what is stored rest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Reading>,
    /// What figures of the log rest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// A step of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrowthPoint {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// What it shows; nothing where nobody looked, or the log is not complete.
    pub value: Option<u64>,
}

/// What is told of the past, whatever it is told by.
struct Past {
    line: Line,
    buckets: Vec<BucketGrowth>,
    reading: Option<Reading>,
    log: Option<Asked>,
    notes: Vec<String>,
}

impl Tool for Growth {
    const NAME: &'static str = "growth";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = GrowthArgs;
    type Output = GrowthOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let mut all = match metric(args).is_level() {
            true => snapshots::evidence(tenant),
            false => Vec::new(),
        };
        all.extend(logs::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let metric = metric(&args);
        let now = tenant.now();
        let window = window(&args, now)?;
        let mut past = match metric.is_level() {
            true => stored(tenant, &args, window).await?,
            false => happened(tenant, &args, window).await?,
        };
        let outlook = outlook::Outlook::of(tenant, &args, &past.line).await?;
        let lake = past.log.as_ref().map(|asked| &asked.lake);
        let changes = turns::tell(&past.line, (metric, &args), lake).await?;
        let prefixes = prefixes::grown(tenant, &args, now).await?;
        past.notes.extend(outlook.notes);
        Ok(GrowthOutput {
            bucket: args.bucket,
            metric,
            as_of: now,
            history_window: window,
            step_seconds: past.line.grid.seconds(),
            history: past.line.points(),
            buckets: past.buckets,
            forecast: outlook.forecast,
            no_forecast: outlook.no_forecast,
            reaches: outlook.reaches,
            allowance: outlook.allowance,
            changes,
            prefixes,
            notes: past.notes,
            snapshots: past.reading,
            coverage: past.log.map(|asked| asked.coverage),
        })
    }
}

fn metric(args: &GrowthArgs) -> GrowthMetric {
    args.metric.get().copied().unwrap_or_default()
}

fn window(args: &GrowthArgs, now: Timestamp) -> Result<TimeRange, ToolError> {
    let days = Limit::rows(args.history_days, HISTORY_DAYS, MAX_HISTORY_DAYS);
    let hours = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(24);
    let from = now
        .checked_sub(hours.hours())
        .map_err(|_| ToolError::new(ErrorCode::InvalidValue, "the past begins before all time"))?;
    Ok(TimeRange {
        from: Some(from),
        to: Some(now),
    })
}

/// What was stored, as snapshots tell. The log, where there is one, explains it.
async fn stored(tenant: &Tenant, args: &GrowthArgs, window: TimeRange) -> Result<Past, ToolError> {
    let metric = metric(args);
    let levels = levels::read(tenant, args.bucket.name(), window).await?;
    let line = Grid::fitting(window, |grid| levels.at_ends(grid, metric));
    let log = match &tenant.log_bucket {
        None => None,
        Some(_) => Some(logs::ask(tenant, args.bucket.name(), window, args.wait).await?),
    };
    Ok(Past {
        line,
        buckets: levels.buckets(metric, tenant.now()),
        notes: levels.notes(),
        reading: Some(levels.reading),
        log,
    })
}

/// What happened, as the log tells.
async fn happened(tenant: &Tenant, args: &GrowthArgs, window: TimeRange) -> Result<Past, ToolError> {
    let metric = metric(args);
    let asked = logs::ask(tenant, args.bucket.name(), window, args.wait).await?;
    let flows = flows::read(&asked.lake, args.bucket.name(), (metric, window)).await?;
    let buckets = flows::buckets(&asked.lake, args.bucket.name(), metric, tenant.now()).await?;
    Ok(Past {
        line: Grid::fitting(window, |grid| flows.sums(grid)),
        buckets,
        reading: None,
        log: Some(asked),
        notes: Vec::new(),
    })
}
