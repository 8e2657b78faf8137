//! Presigned links that many addresses used: whoever has such a link is let in as the one who made it.

use jiff::SignedDuration;
use spacewatch_lake::{Signature, SignatureAsk};
use spacewatch_model::BucketName;

use super::Rule;
use super::scene::{MAX_FINDINGS, Scene, Verdict, counted, given, span};
use crate::finding::{Figure, Finding, Severity};
use crate::logs::SourceBucket;
use crate::{SearchLogsArgs, ToolError};

/// So many addresses are more than one person's home, office and telephone.
const LEAST_ADDRESSES: u64 = 5;
/// And so many are more than a team: the link stands somewhere.
const MANY_ADDRESSES: u64 = 20;

/// Whole signatures are long; so much of one names it.
const SHOWN: usize = 16;

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let ask = SignatureAsk {
        filter: scene.records(scene.window()),
        addresses: LEAST_ADDRESSES,
        limit: MAX_FINDINGS,
    };
    let found = scene.lake.signatures(&ask).await?;
    let mut verdict = Verdict {
        truncated: found.truncated,
        ..Verdict::default()
    };
    for link in &found.links {
        verdict.add(finding(scene, link).await?);
    }
    Ok(verdict)
}

async fn finding(scene: &Scene<'_>, link: &Signature) -> Result<Finding, ToolError> {
    let many = link.addresses >= MANY_ADDRESSES;
    let severity = if many { Severity::Medium } else { Severity::Low };
    let short: String = link.signature.chars().take(SHOWN).collect();
    let mut finding = scene.finding(Rule::SharedLink, severity, Some(&short));
    finding.title = format!(
        "a presigned link to {} was used from {}, {}",
        link.key.as_deref().unwrap_or("a bucket"),
        counted(link.addresses, "address"),
        counted(link.requests, "time"),
    );
    finding.why = "whoever has a presigned link is let in as the one who made it, until it expires; from so many addresses it was passed on, or \
                   stands where others find it"
        .to_owned();
    finding.advice = "make links expire sooner, one for each who asks; if this one should not be known, delete or replace the key that signed it"
        .to_owned();
    finding.first_seen = Some(link.first_seen);
    finding.last_seen = Some(link.last_seen);
    finding.figures = vec![
        Figure::count("addresses", link.addresses),
        Figure::count("requests", link.requests),
        Figure::bytes("bytes_sent", link.bytes_sent),
    ];
    let bucket = link.bucket.as_deref();
    let bucket = bucket.and_then(|bucket| bucket.parse::<BucketName>().ok());
    let query = SearchLogsArgs {
        source_bucket: bucket.map_or_else(|| scene.search().source_bucket, SourceBucket::from),
        object_key: link.key.as_deref().map(given).unwrap_or_default(),
        contains: given(&link.signature),
        auth_type: given("QueryString"),
        status: given("200-399"),
        ..scene.search()
    };
    let last = link.last_seen.checked_add(SignedDuration::from_secs(1));
    let used = (
        span(link.first_seen, last.unwrap_or(link.last_seen)),
        link.requests,
    );
    finding.proofs.push(scene.proof("its uses", query, used).await?);
    Ok(finding)
}
