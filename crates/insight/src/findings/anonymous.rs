//! Objects that were read without credentials.
//!
//! That is normal where content is public, so it is worth knowing and no more. It is worse where it is new: where people had to sign
//! before, and now nobody does, a policy or an access list was opened.

use std::collections::HashSet;

use spacewatch_lake::{Dimension, RecordFilter, Top, TopRow};
use spacewatch_model::{BucketName, TimeRange};

use super::Rule;
use super::scene::{Scene, Verdict, counted, given, parts};
use crate::ToolError;
use crate::finding::{self, Figure, Finding, Severity};
use crate::logs::SourceBucket;

/// Buckets, and prefixes of each, that are told apart.
const PLACES: usize = 1_000;

/// With the share of anonymous reads that there is now, so many would have been there before: if there was none, that is no chance.
const EXPECTED: u128 = 20;

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let buckets = anonymous(scene, None, scene.window(), Dimension::Bucket).await?;
    let mut verdict = Verdict {
        truncated: is_cut(&buckets),
        not_judged: scene.history().is_none().then(|| scene.no_history()),
        ..Verdict::default()
    };
    let opened = opened(scene, None, &buckets).await?;
    for row in &buckets.rows {
        let Ok(bucket) = row.value.parse::<BucketName>() else {
            continue;
        };
        let is_new = opened.contains(&row.value);
        verdict.add(of_bucket(scene, &bucket, row, is_new).await?);
        if is_new || scene.history().is_none() {
            continue;
        }
        let dimension = Dimension::Prefix { depth: 1 };
        let prefixes = anonymous(scene, Some(&bucket), scene.window(), dimension).await?;
        let opened = self::opened(scene, Some(&bucket), &prefixes).await?;
        for row in prefixes.rows.iter().filter(|row| opened.contains(&row.value)) {
            verdict.add(of_prefix(scene, &bucket, row).await?);
        }
    }
    Ok(verdict)
}

fn is_cut(top: &Top) -> bool {
    top.distinct > u64::try_from(top.rows.len()).unwrap_or(u64::MAX)
}

/// The reads of one bucket, or of all that are asked about.
fn reads(scene: &Scene<'_>, bucket: Option<&BucketName>, period: TimeRange) -> RecordFilter {
    RecordFilter {
        bucket: bucket.or(scene.bucket).cloned(),
        ..scene.reads(period)
    }
}

fn nobody(filter: RecordFilter) -> RecordFilter {
    RecordFilter {
        requester: Some(String::new()),
        ..filter
    }
}

async fn anonymous(
    scene: &Scene<'_>,
    bucket: Option<&BucketName>,
    period: TimeRange,
    dimension: Dimension,
) -> Result<Top, ToolError> {
    let filter = nobody(reads(scene, bucket, period));
    scene.top_of(filter, dimension, PLACES).await
}

/// Buckets, or prefixes of a bucket, that were read before, and never without credentials.
async fn opened(
    scene: &Scene<'_>,
    bucket: Option<&BucketName>,
    now: &Top,
) -> Result<HashSet<String>, ToolError> {
    let mut opened = HashSet::new();
    let Some(history) = scene.history() else {
        return Ok(opened);
    };
    let dimension = match bucket {
        Some(_) => Dimension::Prefix { depth: 1 },
        None => Dimension::Bucket,
    };
    let before = anonymous(scene, bucket, history, dimension).await?;
    if is_cut(&before) {
        return Ok(opened);
    }
    let known: HashSet<&str> = before.rows.iter().map(|row| row.value.as_str()).collect();
    let unknown = now.rows.iter().filter(|row| !known.contains(row.value.as_str()));
    for row in unknown.filter(|row| !row.value.is_empty()) {
        let all = async |period: TimeRange| {
            let filter = match bucket {
                Some(_) => RecordFilter {
                    key_prefix: Some(row.value.clone()),
                    ..reads(scene, bucket, period)
                },
                None => reads(scene, row.value.parse().ok().as_ref(), period),
            };
            let top = scene.top(filter, Dimension::Bucket).await?;
            Ok::<_, ToolError>(u128::from(top.requests))
        };
        let (before, now) = (all(history).await?, all(scene.window()).await?);
        if before.saturating_mul(row.requests.into()) >= EXPECTED.saturating_mul(now) {
            opened.insert(row.value.clone());
        }
    }
    Ok(opened)
}

async fn of_bucket(
    scene: &Scene<'_>,
    bucket: &BucketName,
    row: &TopRow,
    is_new: bool,
) -> Result<Finding, ToolError> {
    let filter = nobody(reads(scene, Some(bucket), scene.window()));
    let severity = if is_new { Severity::High } else { Severity::Info };
    let mut finding = finding(scene, bucket, (row, filter), (severity, None)).await?;
    if is_new {
        finding.why = "before this period everybody who read from this bucket had to sign; now nobody has to: it was opened".to_owned();
        finding.advice = "look at the bucket's policy and access lists, who changed them (`spacewatch logs search` for `REST.PUT.BUCKETPOLICY` and \
                          `REST.PUT.ACL`), and close it if that was no purpose"
            .to_owned();
    } else {
        finding.why = "whoever knows a name gets the object. That is normal for public content; for anything else it is a leak".to_owned();
        finding.advice = "see that all of these keys are meant to be public".to_owned();
    }
    Ok(finding)
}

async fn of_prefix(scene: &Scene<'_>, bucket: &BucketName, row: &TopRow) -> Result<Finding, ToolError> {
    let filter = RecordFilter {
        key_prefix: Some(row.value.clone()),
        ..nobody(reads(scene, Some(bucket), scene.window()))
    };
    let prefix = Some(row.value.as_str());
    let mut finding = finding(scene, bucket, (row, filter), (Severity::Medium, prefix)).await?;
    finding.why =
        "before this period everybody who read below this prefix had to sign; now nobody has to".to_owned();
    finding.advice = "look at what in the bucket's policy, or in the access lists of these objects, was changed, and close it if that was no purpose".to_owned();
    Ok(finding)
}

async fn finding(
    scene: &Scene<'_>,
    bucket: &BucketName,
    (row, filter): (&TopRow, RecordFilter),
    (severity, prefix): (Severity, Option<&str>),
) -> Result<Finding, ToolError> {
    let keys = scene.top(filter.clone(), Dimension::Key).await?;
    let addresses = scene.top(filter, Dimension::RemoteIp).await?;
    let mut finding = scene.finding(Rule::AnonymousReads, severity, prefix);
    finding.id = finding::id(&finding.rule, Some(bucket), prefix);
    finding.bucket = Some(bucket.clone());
    finding.title = format!(
        "{} of {} in {bucket}{} without credentials, from {}",
        counted(keys.requests, "read"),
        counted(keys.distinct, "key"),
        prefix
            .map(|prefix| format!(" below {prefix}"))
            .unwrap_or_default(),
        counted(addresses.distinct, "address"),
    );
    finding.first_seen = Some(row.first_seen);
    finding.last_seen = Some(row.last_seen);
    finding.figures = vec![
        Figure::count("reads", keys.requests),
        Figure::count("different_keys", keys.distinct),
        Figure::count("addresses", addresses.distinct),
        Figure::bytes("bytes_sent", keys.bytes_sent),
    ];
    let whole = (scene.window(), keys.requests);
    finding.parts.extend(parts("key", keys));
    finding.parts.extend(parts("address", addresses));
    let mut query = scene.search_reads();
    query.source_bucket = SourceBucket::from(bucket.clone());
    query.requester = given("-");
    query.key_prefix = prefix.map(given).unwrap_or_default();
    finding
        .proofs
        .push(scene.proof("these reads", query, whole).await?);
    Ok(finding)
}
