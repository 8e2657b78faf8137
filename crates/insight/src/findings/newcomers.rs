//! Requesters that the log has never seen before.

use std::collections::HashSet;

use spacewatch_lake::{ActivityAsk, Dimension, RecordFilter, Top, TopRow, Who};

use super::Rule;
use super::denied::of_client;
use super::scene::{Scene, Verdict, counted, parts};
use crate::finding::{Figure, Finding, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Requesters that are told apart, in the period and before it.
const REQUESTERS: usize = 100_000;

/// What changes who may do what, as operations begin.
const RIGHTS: [&str; 6] = [
    "REST.PUT.ACL",
    "REST.PUT.BUCKETPOLICY",
    "REST.DELETE.BUCKETPOLICY",
    "REST.PUT.CORS",
    "REST.PUT.OWNERSHIP_CONTROLS",
    "REST.PUT.PUBLIC_ACCESS_BLOCK",
];

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let Some(history) = scene.history() else {
        return Ok(Verdict::not_judged(scene.no_history()));
    };
    let now = requesters(scene, scene.records(scene.window())).await?;
    let before = requesters(scene, scene.records(history)).await?;
    let mut verdict = Verdict::default();
    if before.distinct > u64::try_from(before.rows.len()).unwrap_or(u64::MAX) {
        return Ok(Verdict::not_judged(format!(
            "there were more than {REQUESTERS} requesters before the period"
        )));
    }
    let known: HashSet<&str> = before.rows.iter().map(|row| row.value.as_str()).collect();
    verdict.truncated = now.distinct > u64::try_from(now.rows.len()).unwrap_or(u64::MAX);
    for row in now.rows.iter().filter(|row| !known.contains(row.value.as_str())) {
        if verdict.findings.len() >= super::scene::MAX_FINDINGS {
            verdict.truncated = true;
            break;
        }
        verdict.add(finding(scene, row).await?);
    }
    Ok(verdict)
}

async fn requesters(scene: &Scene<'_>, filter: RecordFilter) -> Result<Top, ToolError> {
    scene.top_of(filter, Dimension::Requester, REQUESTERS).await
}

/// What it did.
#[derive(Default)]
struct Deeds {
    reads: u64,
    writes: u64,
    deletes: u64,
    listings: u64,
    refused: u64,
    rights: u64,
}

async fn deeds(scene: &Scene<'_>, filter: RecordFilter) -> Result<Deeds, ToolError> {
    let ask = ActivityAsk {
        filter,
        step: None,
        by: None,
        extremes: false,
    };
    let mut deeds = Deeds::default();
    for row in scene.lake.activity(&ask).await? {
        let refused = matches!(row.status, Some(401 | 403));
        let changes_rights = RIGHTS.iter().any(|right| row.operation.starts_with(right));
        let counter = match row.category.as_str() {
            _ if refused => &mut deeds.refused,
            _ if changes_rights => &mut deeds.rights,
            "get" => &mut deeds.reads,
            "put" | "post" => &mut deeds.writes,
            "delete" => &mut deeds.deletes,
            "list" => &mut deeds.listings,
            _ => continue,
        };
        *counter = counter.saturating_add(row.records);
    }
    Ok(deeds)
}

async fn finding(scene: &Scene<'_>, row: &TopRow) -> Result<Finding, ToolError> {
    let records = || RecordFilter {
        requester: Some(row.value.clone()),
        ..scene.records(scene.window())
    };
    let deeds = deeds(scene, records()).await?;
    let severity = match deeds.deletes.saturating_add(deeds.rights) {
        0 => Severity::Low,
        _ => Severity::Medium,
    };
    let keys = scene.top(records(), Dimension::Key).await?;
    let addresses = scene.top(records(), Dimension::RemoteIp).await?;
    let mut finding = scene.finding(Rule::NewRequester, severity, Some(&row.value));
    finding.title = format!(
        "{} came for the first time: {} from {} for {}",
        row.value,
        counted(row.requests, "request"),
        counted(addresses.distinct, "address"),
        counted(keys.distinct, "key"),
    );
    finding.why =
        "a new name is a new key, user or role: one that you made, or one that somebody else made or found"
            .to_owned();
    finding.advice = "find out who made it and for what; if nobody knows, take its rights away and look at what it read and deleted".to_owned();
    finding.first_seen = Some(row.first_seen);
    finding.last_seen = Some(row.last_seen);
    finding.figures = vec![
        Figure::count("requests", row.requests),
        Figure::count("reads", deeds.reads),
        Figure::count("writes", deeds.writes),
        Figure::count("deletes", deeds.deletes),
        Figure::count("listings", deeds.listings),
        Figure::count("changes_of_rights", deeds.rights),
        Figure::count("refused", deeds.refused),
        Figure::count("different_keys", keys.distinct),
        Figure::count("addresses", addresses.distinct),
        Figure::bytes("bytes_sent", row.bytes_sent),
    ];
    finding.parts.extend(parts("address", addresses));
    finding.parts.extend(parts("key", keys));
    let query: SearchLogsArgs = of_client(scene.search(), Who::Requester, &row.value);
    let whole = (scene.window(), row.requests);
    finding
        .proofs
        .push(scene.proof("what it did", query, whole).await?);
    Ok(finding)
}
