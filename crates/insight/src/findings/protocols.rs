//! Who still signs with Signature Version 2, or speaks TLS before 1.2.

use std::collections::BTreeMap;

use spacewatch_lake::OldProtocol;

use super::Rule;
use super::scene::{Scene, Verdict, counted, given};
use crate::finding::{Figure, Finding, Part, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Clients that are named.
const NAMED: usize = 5;

pub(super) async fn old_signatures(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let rows: Vec<&OldProtocol> = scene
        .old_protocols()
        .await?
        .iter()
        .filter(|row| row.old_signature)
        .collect();
    let query = SearchLogsArgs {
        signature_version: given("SigV2"),
        ..scene.search()
    };
    let mut finding = scene.finding(Rule::SigV2, Severity::Low, None);
    finding.why = "Signature Version 2 signs with SHA-1 and not the whole request; stores drop it, and then these clients stop working".to_owned();
    finding.advice = "set the clients named here to Signature Version 4: an SDK of the last ten years, `signature_version = s3v4`".to_owned();
    tell(scene, finding, &rows, ("signed with Signature Version 2", query)).await
}

pub(super) async fn old_tls(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let rows = scene.old_protocols().await?.iter();
    let rows: Vec<&OldProtocol> = rows.filter(|row| row.old_tls.is_some()).collect();
    let mut versions: Vec<&str> = rows.iter().filter_map(|row| row.old_tls.as_deref()).collect();
    versions.sort_unstable();
    versions.dedup();
    let query = SearchLogsArgs {
        tls_version: given(&versions.join(",")),
        ..scene.search()
    };
    let mut finding = scene.finding(Rule::OldTls, Severity::Low, None);
    finding.why = "TLS before 1.2 can be read and changed by others on the way; stores drop it, and then these clients stop working".to_owned();
    finding.advice =
        "renew the clients named here, or what they are built on: the operating system, OpenSSL, Java"
            .to_owned();
    tell(scene, finding, &rows, ("over SSL or TLS before 1.2", query)).await
}

async fn tell(
    scene: &Scene<'_>,
    mut finding: Finding,
    rows: &[&OldProtocol],
    (what, query): (&str, SearchLogsArgs),
) -> Result<Verdict, ToolError> {
    let mut verdict = Verdict::default();
    let requests = rows
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.requests));
    if requests == 0 {
        return Ok(verdict);
    }
    let requesters = parts("requester", rows, |row| row.requester.as_deref().unwrap_or("-"));
    let agents = parts("user agent", rows, |row| row.user_agent.as_deref().unwrap_or("-"));
    finding.title = format!(
        "{} of {} and {} came {what}",
        counted(requests, "request"),
        counted(size(&requesters), "requester"),
        counted(size(&agents), "user agent"),
    );
    finding.first_seen = rows.iter().map(|row| row.first_seen).min();
    finding.last_seen = rows.iter().map(|row| row.last_seen).max();
    finding.figures = vec![
        Figure::count("requests", requests),
        Figure::count("requesters", size(&requesters)),
        Figure::count("user_agents", size(&agents)),
    ];
    let first = |parts: Vec<Part>| parts.into_iter().take(NAMED);
    finding.parts = first(requesters).chain(first(agents)).collect();
    let whole = (scene.window(), requests);
    finding
        .proofs
        .push(scene.proof("these requests", query, whole).await?);
    verdict.add(finding);
    Ok(verdict)
}

fn size(parts: &[Part]) -> u64 {
    u64::try_from(parts.len()).unwrap_or(u64::MAX)
}

/// Who they came from, most requests first.
fn parts(kind: &str, rows: &[&OldProtocol], of: impl Fn(&OldProtocol) -> &str) -> Vec<Part> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows {
        let count = counts.entry(of(row)).or_default();
        *count = count.saturating_add(row.requests);
    }
    let mut parts: Vec<Part> = counts
        .into_iter()
        .map(|(value, requests)| Part {
            kind: kind.to_owned(),
            value: value.to_owned(),
            requests,
            bytes_sent: None,
        })
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.requests));
    parts
}
