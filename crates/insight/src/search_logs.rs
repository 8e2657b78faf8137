//! Single requests, out of access logs.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::RecordFilter;
use spacewatch_model::{Coverage, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Given, LogRecord, SourceBucket, filtered_args};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Records of one answer, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 2000;

/// `search-logs`: the records of the access log that fit, newest first, a page at a time.
#[derive(Debug)]
pub struct SearchLogs;

filtered_args! {
    /// What `search-logs` needs. Everything given must hold.
    pub struct SearchLogsArgs {
        /// The bucket that requests went to; `*` for every bucket of the log.
        #[schema(value_type = String)]
        pub source_bucket: SourceBucket,
        /// How many records, 20 by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit_matches: Option<Limit>,
        /// The `next` of the answer before, to go on behind it.
        #[serde(default, skip_serializing_if = "Given::is_empty")]
        #[schema(value_type = Option<String>)]
        pub next: Given<String>,
        /// Only what clients asked for: no lifecycle actions, no single lines of batches, no source halves of copies.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub requests_only: bool,
        /// Only whole objects (200) of which fewer bytes were sent than they have: the client went away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        pub cut_short: bool,
        /// Whoever looks again and again lists the log bucket when its listing is older than this. Nobody outside can ask for that.
        #[serde(skip)]
        pub fresh_for: Option<Duration>,
    }
}

impl SearchLogsArgs {
    /// Only records of this period.
    pub(crate) fn within(&mut self, window: TimeRange) {
        self.from = window.from.map(Given::from).unwrap_or_default();
        self.to = window.to.map(Given::from).unwrap_or_default();
    }

    /// The period that is meant.
    pub(crate) fn window(&self, now: Timestamp) -> Result<TimeRange, ToolError> {
        self.period().range(now)
    }

    /// The records of a period that are meant.
    pub(crate) fn records(&self, period: TimeRange) -> RecordFilter {
        RecordFilter {
            requests_only: self.requests_only,
            cut_short: self.cut_short,
            ..self.filters().records(period)
        }
    }
}

/// Records that fit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SearchLogsOutput {
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// The day asked for, as it was written.
    pub date: Option<String>,
    /// How many records this answer holds.
    pub count: usize,
    /// How many were wished, after clamping.
    pub limit_matches: usize,
    /// The records, newest first.
    pub matches: Vec<LogRecord>,
    /// There are more than this answer holds.
    pub truncated: bool,
    /// Pass this on to get the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Log objects that the answer rests on.
    pub files_scanned: u64,
    /// Lines in them.
    pub lines_scanned: u64,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl Tool for SearchLogs {
    const NAME: &'static str = "search-logs";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = SearchLogsArgs;
    type Output = SearchLogsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = args.window(tenant.now())?;
        let limit = Limit::rows(args.limit_matches, ROWS, MAX_ROWS);
        let after = args.next.text().map(logs::read_position).transpose()?;
        let log_bucket = logs::log_source(tenant)?.bucket;
        let about = (args.source_bucket.name(), period);
        let asked = logs::ask_within(tenant, about, args.wait, args.fresh_for).await?;
        let filter = args.records(period);
        let found = asked.lake.search(&filter, limit, after.as_ref()).await?;
        let matches: Vec<_> = found
            .rows
            .into_iter()
            .map(|row| LogRecord::of(row, &log_bucket))
            .collect();
        Ok(SearchLogsOutput {
            source_bucket: args.source_bucket,
            date: args.date_yyyy_mm_dd.text().map(str::to_owned),
            count: matches.len(),
            limit_matches: limit,
            matches,
            truncated: found.next.is_some(),
            next: found.next.as_ref().map(logs::write_position),
            files_scanned: asked.coverage.objects_read,
            lines_scanned: asked.coverage.lines_read,
            coverage: asked.coverage,
        })
    }
}
