//! Who still signs with Signature Version 2, or speaks TLS before 1.2.

use spacewatch_lake::{Dimension, RecordFilter};

use super::Rule;
use super::scene::{Scene, Verdict, counted, given, parts};
use crate::finding::{Figure, Severity};
use crate::{SearchLogsArgs, ToolError};

/// The old way of signing, as the log writes it.
const OLD_SIGNATURE: &str = "SigV2";

/// TLS before 1.2, in the ways that stores write it.
const OLD_TLS: [&str; 10] = [
    "TLSv1.1", "TLSV1.1", "tlsv1.1", "TLSv1.0", "TLSV1.0", "TLSv1", "TLSV1", "SSLv3", "SSLV3", "SSLv2",
];

/// What is old, and what is said of it.
struct Old {
    rule: Rule,
    /// How these requests came.
    came: &'static str,
    why: &'static str,
    advice: &'static str,
    records: RecordFilter,
    query: SearchLogsArgs,
}

pub(super) async fn old_signatures(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let old = Old {
        rule: Rule::SigV2,
        came: "signed with Signature Version 2",
        why: "Signature Version 2 signs with SHA-1 and not the whole request; stores drop it, and then these clients stop working",
        advice: "set the clients named here to Signature Version 4: an SDK of the last ten years, `signature_version = s3v4`",
        records: RecordFilter {
            signature_versions: vec![OLD_SIGNATURE.to_owned()],
            ..scene.records(scene.window())
        },
        query: SearchLogsArgs {
            signature_version: given(OLD_SIGNATURE),
            ..scene.search()
        },
    };
    tell(scene, old).await
}

pub(super) async fn old_tls(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let records = RecordFilter {
        tls_versions: OLD_TLS.map(str::to_owned).to_vec(),
        ..scene.records(scene.window())
    };
    let spoken = scene
        .top_of(records.clone(), Dimension::TlsVersion, OLD_TLS.len())
        .await?;
    let mut versions: Vec<&str> = spoken.rows.iter().map(|row| row.value.as_str()).collect();
    versions.sort_unstable();
    let old = Old {
        rule: Rule::OldTls,
        came: "over SSL or TLS before 1.2",
        why: "TLS before 1.2 can be read and changed by others on the way; stores drop it, and then these clients stop working",
        advice: "renew the clients named here, or what they are built on: the operating system, OpenSSL, Java",
        query: SearchLogsArgs {
            tls_version: given(&versions.join(",")),
            ..scene.search()
        },
        records,
    };
    tell(scene, old).await
}

async fn tell(scene: &Scene<'_>, old: Old) -> Result<Verdict, ToolError> {
    let mut verdict = Verdict::default();
    let requesters = scene.top(old.records.clone(), Dimension::Requester).await?;
    if requesters.requests == 0 {
        return Ok(verdict);
    }
    let agents = scene.top(old.records, Dimension::UserAgent).await?;
    let mut finding = scene.finding(old.rule, Severity::Low, None);
    finding.why = old.why.to_owned();
    finding.advice = old.advice.to_owned();
    finding.title = format!(
        "{} of {} and {} came {}",
        counted(requesters.requests, "request"),
        counted(requesters.distinct, "requester"),
        counted(agents.distinct, "user agent"),
        old.came,
    );
    finding.first_seen = requesters.first_seen;
    finding.last_seen = requesters.last_seen;
    finding.figures = vec![
        Figure::count("requests", requesters.requests),
        Figure::count("requesters", requesters.distinct),
        Figure::count("user_agents", agents.distinct),
    ];
    let whole = (scene.window(), requesters.requests);
    finding.parts.extend(parts("requester", requesters));
    finding.parts.extend(parts("user agent", agents));
    finding
        .proofs
        .push(scene.proof("these requests", old.query, whole).await?);
    verdict.add(finding);
    Ok(verdict)
}
