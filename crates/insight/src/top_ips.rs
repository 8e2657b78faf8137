//! The addresses that ask most.

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Measure, RecordFilter, TopAsk};
use spacewatch_model::Coverage;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Day, Given, Moment, Period, SourceBucket};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Addresses of one answer, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 50;

/// `top-ips`: the addresses that sent most requests, over all requests of clients in the period.
#[derive(Debug)]
pub struct TopIps;

/// What `top-ips` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TopIpsArgs {
    /// The bucket that requests went to; `*` for every bucket of the log.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// A day in UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// From this moment on, instead of a day: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// So many hours up to `to` or now, instead of `from`.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// How many addresses, 20 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// The addresses that ask most.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopIpsOutput {
    /// The addresses, most requests first; equal ones in order.
    pub top_ips: Vec<IpCount>,
    /// How many different addresses there are.
    pub total_ips: u64,
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// The day asked for, as it was written.
    pub date: Option<String>,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// All requests counted, those without an address as well.
    pub requests_total: u64,
    /// There are more addresses than this answer holds.
    pub truncated: bool,
    /// How to see the others, where there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// An address and how often it asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IpCount {
    /// The address.
    pub ip: String,
    /// How many requests.
    pub count: u64,
}

impl Tool for TopIps {
    const NAME: &'static str = "top-ips";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = TopIpsArgs;
    type Output = TopIpsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: logs::wished_hours(args.hours),
        };
        let period = period.range(tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let asked = logs::ask(tenant, args.source_bucket.name(), period, args.wait).await?;
        let ask = TopAsk {
            filter: RecordFilter {
                bucket: args.source_bucket.name().cloned(),
                period,
                requests_only: true,
                ..RecordFilter::default()
            },
            dimension: Dimension::RemoteIp,
            by: Measure::Requests,
            limit,
        };
        let top = asked.lake.top(&ask).await?;
        let top_ips: Vec<_> = top
            .rows
            .into_iter()
            .map(|row| IpCount {
                ip: row.value,
                count: row.requests,
            })
            .collect();
        let truncated = top.distinct > u64::try_from(top_ips.len()).unwrap_or(u64::MAX);
        Ok(TopIpsOutput {
            top_ips,
            total_ips: top.distinct,
            source_bucket: args.source_bucket,
            date: args.date_yyyy_mm_dd.text().map(str::to_owned),
            limit,
            requests_total: top.requests,
            truncated,
            note: truncated
                .then(|| format!("raise `limit` up to {MAX_ROWS}, or ask `/tools/top?by=ip`, to see others")),
            coverage: asked.coverage,
        })
    }
}
