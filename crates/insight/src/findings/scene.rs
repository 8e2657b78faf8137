//! What all rules look at: the period, the census of it, and the means to look closer.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use spacewatch_lake::{
    Bar, Census, CensusAsk, Client, Dimension, Dossier, DossierAsk, Lake, Measure, READS, RecordFilter,
    StatusFilter, Top, TopAsk, Who,
};
use spacewatch_model::{BucketName, TimeRange};

use super::{Rule, denied, enumeration, mass_download};
use crate::finding::{self, Finding, Part, Proof, Severity, Witness};
use crate::logs::{Given, SourceBucket};
use crate::{SearchLogsArgs, ToolError};

/// Findings of one rule at most.
pub(super) const MAX_FINDINGS: usize = 20;

/// Clients that the census tells of at most.
const MAX_CLIENTS: usize = 100;

/// What happened before the period is looked at so far back.
const HISTORY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The shortest history that says what is usual: three days hold a weekend, or a working day besides it.
const SHORTEST_HISTORY: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Parts of a finding that are named, of each kind.
const PARTS: usize = 5;

/// An hour's reads that may be a mass download: fewer are a person at work, or a page with its pictures.
pub(super) const LEAST_READS: u64 = 100;

/// What was let in.
pub(super) const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 299 };

/// What a rule found.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) findings: Vec<Finding>,
    pub(super) truncated: bool,
    pub(super) not_judged: Option<String>,
}

impl Verdict {
    /// Nothing, for this reason.
    pub(super) fn not_judged(why: String) -> Self {
        Self {
            not_judged: Some(why),
            ..Self::default()
        }
    }

    /// Adds a finding unless there are too many.
    pub(super) fn add(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.truncated = true;
        }
    }
}

/// What all rules look at.
pub(super) struct Scene<'a> {
    pub(super) lake: &'a Lake,
    log_bucket: &'a BucketName,
    pub(super) bucket: Option<&'a BucketName>,
    /// The part of the period that the log has records of.
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// The oldest record of the whole log.
    pub(super) log_begins: Timestamp,
    pub(super) census: Census,
    /// Clients that stand out, by what they are and their name.
    pub(super) dossiers: HashMap<(Who, String), Dossier>,
}

impl<'a> Scene<'a> {
    /// Takes the census. Nothing where the log holds nothing of the period.
    pub(super) async fn look(
        lake: &'a Lake,
        (log_bucket, bucket): (&'a BucketName, Option<&'a BucketName>),
        window: TimeRange,
        rules: &[Rule],
    ) -> Result<Option<Self>, ToolError> {
        let Some((oldest, newest)) = lake.recorded().await? else {
            return Ok(None);
        };
        let end = newest.checked_add(SignedDuration::from_secs(1)).unwrap_or(newest);
        let from = window.from.map_or(oldest, |from| from.max(oldest));
        let to = window.to.map_or(end, |to| to.min(end));
        if from >= to {
            return Ok(None);
        }
        let ask = CensusAsk {
            filter: RecordFilter {
                bucket: bucket.cloned(),
                ..RecordFilter::default()
            },
            from,
            to,
            misses: denied::BAR,
            listings: enumeration::LISTINGS_BAR,
            reads: Bar {
                least: LEAST_READS,
                percent: 1,
            },
            apart: mass_download::FARTHEST,
            limit: MAX_CLIENTS,
        };
        let mut scene = Self {
            census: lake.census(&ask).await?,
            lake,
            log_bucket,
            bucket,
            from,
            to,
            log_begins: oldest,
            dossiers: HashMap::new(),
        };
        if rules.contains(&Rule::DeniedThenRead) || rules.contains(&Rule::Enumeration) {
            scene.study().await?;
        }
        Ok(Some(scene))
    }

    /// Looks closer at the clients that were refused or missed things often.
    async fn study(&mut self) -> Result<(), ToolError> {
        for who in [Who::Address, Who::Requester] {
            let clients = match who {
                Who::Address => &self.census.addresses,
                Who::Requester => &self.census.requesters,
            };
            let suspects = clients.rows.iter().filter(|client| self.is_suspect(client));
            let ask = DossierAsk {
                filter: self.records(self.window()),
                who,
                values: suspects.map(|client| client.value.clone()).collect(),
                after: denied::BEFORE,
            };
            let found = self.lake.dossiers(&ask).await?.into_iter();
            self.dossiers
                .extend(found.map(|dossier| ((who, dossier.value.clone()), dossier)));
        }
        Ok(())
    }

    fn is_suspect(&self, client: &Client) -> bool {
        let misses = client.refused.saturating_add(client.missing);
        misses >= denied::BAR.least
            && misses.saturating_mul(100) >= client.requests.saturating_mul(denied::BAR.percent)
    }

    /// The part of the period that the log has records of.
    pub(super) fn window(&self) -> TimeRange {
        span(self.from, self.to)
    }

    /// What was before the period, where that is enough to know what is usual.
    pub(super) fn history(&self) -> Option<TimeRange> {
        let earliest = self.from.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
        let begins = self.log_begins.max(earliest);
        let long_enough = self.from.duration_since(begins) >= SHORTEST_HISTORY;
        long_enough.then(|| span(begins, self.from))
    }

    /// Why there is none.
    pub(super) fn no_history(&self) -> String {
        format!(
            "the log begins at {}; what is new can be told only with at least three days of log before the period",
            self.log_begins
        )
    }

    /// The requests of a period to the buckets that are asked about.
    pub(super) fn records(&self, period: TimeRange) -> RecordFilter {
        RecordFilter {
            bucket: self.bucket.cloned(),
            period,
            requests_only: true,
            ..RecordFilter::default()
        }
    }

    /// Objects read with success.
    pub(super) fn reads(&self, period: TimeRange) -> RecordFilter {
        RecordFilter {
            operations: READS.map(str::to_owned).to_vec(),
            statuses: vec![SUCCESSES],
            ..self.records(period)
        }
    }

    /// The values with most requests.
    pub(super) async fn top(&self, filter: RecordFilter, dimension: Dimension) -> Result<Top, ToolError> {
        self.top_of(filter, dimension, PARTS).await
    }

    pub(super) async fn top_of(
        &self,
        filter: RecordFilter,
        dimension: Dimension,
        limit: usize,
    ) -> Result<Top, ToolError> {
        let ask = TopAsk {
            filter,
            dimension,
            by: Measure::Requests,
            limit,
        };
        Ok(self.lake.top(&ask).await?)
    }

    /// The beginning of a question to `search-logs`.
    pub(super) fn search(&self) -> SearchLogsArgs {
        SearchLogsArgs {
            source_bucket: self
                .bucket
                .cloned()
                .map_or_else(SourceBucket::default, SourceBucket::from),
            requests_only: true,
            ..SearchLogsArgs::default()
        }
    }

    /// The same about objects read with success.
    pub(super) fn search_reads(&self) -> SearchLogsArgs {
        SearchLogsArgs {
            operation: given(&READS.join(",")),
            status: given("200-299"),
            ..self.search()
        }
    }

    /// The records that a query finds in a period, of which there are `records`.
    pub(super) async fn proof(
        &self,
        about: &str,
        query: SearchLogsArgs,
        (period, records): (TimeRange, u64),
    ) -> Result<Proof, ToolError> {
        let witness = Witness {
            lake: self.lake,
            log_bucket: self.log_bucket,
            window: period,
        };
        witness.proof(about, query, records).await
    }

    /// A finding about the buckets that are asked about, with nothing to show yet.
    pub(super) fn finding(&self, rule: Rule, severity: Severity, subject: Option<&str>) -> Finding {
        Finding {
            id: finding::id(rule.as_str(), self.bucket, subject),
            rule: rule.as_str().to_owned(),
            severity,
            bucket: self.bucket.cloned(),
            subject: subject.map(str::to_owned),
            title: String::new(),
            why: String::new(),
            advice: String::new(),
            first_seen: None,
            last_seen: None,
            figures: Vec::new(),
            parts: Vec::new(),
            proofs: Vec::new(),
            suppressed: None,
            setting: None,
        }
    }

    /// Whether something makes up a share of a client's requests that is so many times that of everybody else's. Others who stand out
    /// are not taken for everybody, unless most of the requests are theirs.
    pub(super) fn stands_out(
        &self,
        client: &Client,
        of: fn(&Client) -> u64,
        (all, times): (u64, u64),
    ) -> bool {
        let totals = self.census.totals.requests;
        let rows = &self.census.addresses.rows;
        let sum = |of: fn(&Client) -> u64| rows.iter().fold(0_u64, |sum, row| sum.saturating_add(of(row)));
        let suspects = sum(|row| row.requests);
        let (left_out, part_left_out) = match suspects.saturating_mul(2) <= totals {
            true => (suspects, sum(of)),
            false => (client.requests, of(client)),
        };
        let others = u128::from(totals.saturating_sub(left_out));
        let theirs = u128::from(all.saturating_sub(part_left_out));
        let own = u128::from(of(client)).saturating_mul(others);
        own >= theirs
            .saturating_mul(client.requests.into())
            .saturating_mul(times.into())
    }
}

/// A span of time with both ends.
pub(super) fn span(from: Timestamp, to: Timestamp) -> TimeRange {
    TimeRange {
        from: Some(from),
        to: Some(to),
    }
}

/// A filter of a query as it would be written; what can't be written filters nothing, so it must not come from outside.
pub(super) fn given<T: std::str::FromStr>(text: &str) -> Given<T> {
    text.parse().unwrap_or_default()
}

/// What a list of values adds to a finding.
pub(super) fn parts(kind: &str, top: Top) -> impl Iterator<Item = Part> {
    top.rows.into_iter().map(move |row| Part {
        kind: kind.to_owned(),
        value: row.value,
        requests: row.requests,
        bytes_sent: Some(row.bytes_sent),
    })
}

/// A part that is only named.
pub(super) fn named(kind: &str, value: &str) -> Part {
    Part {
        kind: kind.to_owned(),
        value: value.to_owned(),
        requests: 1,
        bytes_sent: None,
    }
}

/// A share in percent.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 * 100.0 / whole as f64
}

/// A number of things, in words: `1 request`, `12 requests`.
pub(super) fn counted(count: u64, thing: &str) -> String {
    match (count, thing) {
        (1, thing) => format!("1 {thing}"),
        (count, "address") => format!("{count} addresses"),
        (count, thing) => format!("{count} {thing}s"),
    }
}
