//! How near the busiest second comes to the limits of the store.

use jiff::SignedDuration;
use spacewatch_lake::{BusySeconds, Peak, PeakAsk, Who};
use spacewatch_model::BucketName;

use super::Rule;
use super::denied::of_client;
use super::scene::{Scene, Verdict, counted, percent, span};
use crate::finding::{self, Figure, Finding, Severity};
use crate::logs::SourceBucket;
use crate::{SearchLogsArgs, ToolError};

/// A limit of Spaces, in requests a second.
struct LimitOf {
    what: &'static str,
    per_second: u64,
}

const ADDRESS: LimitOf = LimitOf {
    what: "requests of one address",
    per_second: 1_500,
};
const BUCKET: LimitOf = LimitOf {
    what: "requests to one bucket (of those made before the limit was raised)",
    per_second: 500,
};
const WRITING: LimitOf = LimitOf {
    what: "requests that write or list to one bucket (of those made before the limit was raised)",
    per_second: 300,
};

/// Shares of a limit in percent: beyond the second, one client more is one too many.
const NEAR: u64 = 50;
const VERY_NEAR: u64 = 80;

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let (busy, writing) = (&scene.census.busy, &scene.census.busy_writing);
    let mut seconds: Vec<_> = busy
        .seconds
        .iter()
        .chain(&writing.seconds)
        .map(|(second, _)| *second)
        .collect();
    seconds.sort_unstable();
    seconds.dedup();
    let ask = PeakAsk {
        filter: scene.records(scene.window()),
        seconds,
    };
    let peaks = scene.lake.peaks(&ask).await?;
    let mut verdict = Verdict::default();
    for (limit, peak, busy) in [
        (ADDRESS, peaks.address, busy),
        (BUCKET, peaks.bucket, busy),
        (WRITING, peaks.writing, writing),
    ] {
        if let Some(peak) = peak {
            verdict.add(finding(scene, &limit, &peak, busy).await?);
        }
    }
    Ok(verdict)
}

async fn finding(
    scene: &Scene<'_>,
    limit: &LimitOf,
    peak: &Peak,
    busy: &BusySeconds,
) -> Result<Finding, ToolError> {
    let of_address = limit.per_second == ADDRESS.per_second;
    // In a second that was not looked at there may be as many as all requests of it.
    let at_most = peak.requests.max(busy.rest_at_most);
    let mut finding = scene.finding(Rule::RequestRate, severity(peak.requests, limit), None);
    if of_address {
        finding.subject = Some(peak.value.clone());
    } else {
        finding.bucket = peak.value.parse::<BucketName>().ok();
        finding.subject = (limit.per_second == WRITING.per_second).then(|| "writing".to_owned());
    }
    finding.id = finding::id(&finding.rule, finding.bucket.as_ref(), finding.subject.as_deref());
    let more = match at_most > peak.requests {
        true => format!(", and never more than {at_most}"),
        false => String::new(),
    };
    finding.title = format!(
        "the busiest second had {} of {}{more}: {:.1}% of the limit of {} {}",
        counted(peak.requests, "request"),
        peak.value,
        percent(at_most, limit.per_second),
        limit.per_second,
        limit.what,
    );
    finding.why = "beyond the limit the store answers with 503 `SlowDown`".to_owned();
    finding.advice = "nothing need be done below half of a limit; nearer to it, spread requests in time, cache what is read often, and let \
                      clients wait longer after each 503"
        .to_owned();
    finding.first_seen = Some(peak.second);
    finding.figures = vec![
        Figure::count("requests_in_the_busiest_second", peak.requests),
        Figure::count("requests_in_any_second_at_most", at_most),
        Figure::count("limit", limit.per_second),
        Figure::new("share_of_limit", percent(at_most, limit.per_second), "Percent"),
    ];
    // Which requests write or list is no filter of a search.
    if limit.per_second != WRITING.per_second {
        let query = question(scene, of_address, peak);
        let end = peak
            .second
            .checked_add(SignedDuration::from_secs(1))
            .unwrap_or(peak.second);
        let second = span(peak.second.max(scene.from), end.min(scene.to));
        let whole = (second, peak.requests);
        finding
            .proofs
            .push(scene.proof("the requests of that second", query, whole).await?);
    }
    Ok(finding)
}

fn severity(requests: u64, limit: &LimitOf) -> Severity {
    let reaches = |share: u64| requests.saturating_mul(100) >= limit.per_second.saturating_mul(share);
    if reaches(VERY_NEAR) {
        Severity::Medium
    } else if reaches(NEAR) {
        Severity::Low
    } else {
        Severity::Info
    }
}

fn question(scene: &Scene<'_>, of_address: bool, peak: &Peak) -> SearchLogsArgs {
    let query = scene.search();
    if of_address {
        return of_client(query, Who::Address, &peak.value);
    }
    let bucket = peak.value.parse::<BucketName>();
    SearchLogsArgs {
        source_bucket: bucket.map_or_else(|_| SourceBucket::default(), SourceBucket::from),
        ..query
    }
}
